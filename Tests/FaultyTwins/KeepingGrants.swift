import XenInterface
import XenRing

/// Keeps guests' pages mapped that it ought to give back.
final class KeepingGrants: GrantDeviceLayer {
  /// Which.
  enum Fault: Sendable {
    /// Whatever was mapped, as long as it is there itself.
    case all
    /// What was mapped before an attempt that failed.
    case beforeFailure
  }

  let base: any GrantDevice
  private let fault: Fault
  private var last: (grant: GrantReference, domain: DomainID)?
  private var kept: [any MappedPages] = []

  init(_ base: any GrantDevice, _ fault: Fault) {
    self.base = base
    self.fault = fault
  }

  func map(
    _ grants: Span<GrantReference>, of domain: DomainID, access: GrantAccess
  ) throws(GrantError) -> any MappedPages {
    do throws(GrantError) {
      let pages = try base.map(grants, of: domain, access: access)
      last = (grants[0], domain)
      if fault == .all { keep(grants[0], of: domain) }
      return pages
    } catch {
      if let last, fault == .beforeFailure { keep(last.grant, of: last.domain) }
      throw error
    }
  }

  private func keep(_ grant: GrantReference, of domain: DomainID) {
    let one: [1 of GrantReference] = [grant]
    if let pages = try? base.map(one.span, of: domain, access: .readOnly) { kept.append(pages) }
  }
}
