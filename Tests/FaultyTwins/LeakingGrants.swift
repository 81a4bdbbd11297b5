import XenInterface

/// Does not give back the pages that were mapped in a poll of which a copy has failed.
final class LeakingGrants: GrantDeviceLayer {
  let base: any GrantDevice
  private var hasFailed = false
  private var kept: [any MappedPages] = []

  init(_ base: any GrantDevice) { self.base = base }

  func copied(_ operations: inout MutableSpan<GrantCopy>) {
    hasFailed = operations.indices.contains { operations[$0].status != .okay }
  }

  func map(
    _ grants: Span<GrantReference>, of domain: DomainID, access: GrantAccess
  ) throws(GrantError) -> any MappedPages {
    let pages = try base.map(grants, of: domain, access: access)
    if hasFailed { kept.append(pages) }
    return pages
  }
}
