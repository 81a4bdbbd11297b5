import XenInterface

/// Ends with the first page of a poll that cannot be mapped, and takes those behind it for mapped.
final class StoppingGrants: GrantDeviceLayer {
  let base: any GrantDevice
  private var hasStopped = false

  init(_ base: any GrantDevice) { self.base = base }

  /// A poll begins with its copies.
  func copied(_ operations: inout MutableSpan<GrantCopy>) { hasStopped = false }

  /// Which page it is shows when each is mapped alone.
  func map(
    _ grants: Span<GrantReference>, of domain: DomainID, access: GrantAccess
  ) throws(GrantError) -> any MappedPages {
    guard !hasStopped else { return UnmappedPages(count: grants.count) }
    do throws(GrantError) { return try base.map(grants, of: domain, access: access) } catch {
      hasStopped = grants.count == 1
      throw error
    }
  }
}
