import Netfront
public import RingCases
import XenHost
public import XenInterface
import XenRing

extension CaseVif {
  /// A vif that is made for this domain, and that whoever serves its vifs is to take.
  ///
  /// - Parameters:
  ///   - domain: where the backend is; this domain when it is left out.
  ///   - patience: nanoseconds that it may take for an answer.
  /// - Throws: `HostCaseError`, without a Xen or the right to what it takes.
  public static func live(
    servedBy domain: DomainID? = nil, patience: UInt64
  ) throws(HostCaseError) -> CaseVif {
    let loop = HostLoop()
    let guest = try HostCaseBackend.connect(loop)
    let vif = CaseVif(
      guest: guest, toolstack: try HostCaseBackend.connect(loop), loop: loop,
      backend: LiveCaseBackend(), in: domain, patience: .live(patience))
    vif.firstIndex = RingIndex(rawValue: 0)
    return vif
  }

  /// A vif that this guest has, and that its own driver must have let go of.
  public static func live(
    _ handle: VifHandle, of domain: DomainID, patience: UInt64
  ) throws(HostCaseError) -> CaseVif {
    let loop = HostLoop()
    let guest = try HostCaseBackend.connect(loop)
    guard guest.domain == domain else { throw .vif(.ofOther(than: guest.domain)) }
    let home = VifPath(frontendDomain: domain, handle: handle).frontend
    guard let backend = guest.store.value(home + "/backend-id").flatMap(UInt16.init) else {
      throw .vif(.absent)
    }
    guard guest.store.state(of: home) != .connected else { throw .vif(.inUse) }
    let path = VifPath(
      backendDomain: DomainID(rawValue: backend), frontendDomain: domain, handle: handle)
    let vif = CaseVif(
      guest: guest, given: path, loop: loop, backend: LiveCaseBackend(), patience: .live(patience))
    vif.firstIndex = RingIndex(rawValue: 0)
    return vif
  }
}

extension CaseVif.Patience {
  /// For a backend that others run.
  fileprivate static func live(_ rest: UInt64) -> CaseVif.Patience {
    CaseVif.Patience(rest: rest, grace: 8_000_000, interval: 300_000)
  }
}

/// Why a vif cannot be played on.
public enum VifRefusal: Error, Hashable, Sendable {
  /// This domain has no such vif.
  case absent
  /// A driver of this domain has it.
  case inUse
  /// It is another domain's than this one's.
  case ofOther(than: DomainID)
}
