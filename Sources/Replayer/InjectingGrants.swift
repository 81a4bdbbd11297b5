import XenInterface
import XenRing

/// The grant device of a simulation, whose answers for some references the trace decides.
final class InjectingGrants: GrantDeviceLayer {
  let base: any GrantDevice
  private var statuses: [UInt32: GrantStatus] = [:]

  init(_ base: any GrantDevice) { self.base = base }

  /// Makes every copy from or to `grant` end so, and every map; `nil` leaves it to Xen again.
  func inject(_ status: GrantStatus?, for grant: GrantReference) {
    statuses[grant.rawValue] = status
  }

  /// A copy was done; a failed one leaves its octets undefined, so that is allowed.
  func copied(_ operations: inout MutableSpan<GrantCopy>) {
    guard !statuses.isEmpty else { return }
    for place in operations.indices {
      if let status = statuses[operations[place].grant.rawValue] {
        operations[place].status = status
      }
    }
  }

  func map(
    _ grants: Span<GrantReference>, of domain: DomainID, access: GrantAccess
  ) throws(GrantError) -> any MappedPages {
    for place in grants.indices {
      if let status = statuses[grants[place].rawValue], status != .okay { throw .refused(status) }
    }
    return try base.map(grants, of: domain, access: access)
  }
}
