public import Netback
public import Netif
public import RingCases
public import XenHost
import XenInterface

/// A backend of this domain that cases can be put to.
public enum HostCaseBackend: String, CaseIterable, Sendable {
  /// Our netback, on real grants. Linux's must not be loaded.
  case swift
  /// Linux's netback. It must be loaded.
  case kernel

  /// A vif on which cases can be played: the guest is this domain, too.
  ///
  /// - Parameters:
  ///   - profile: what ours judges by; Linux's has one.
  ///   - path: how data comes to ours; to Linux's it comes in one way.
  /// - Throws: `HostCaseError`, without a Xen or the right to what it takes.
  public func makeVif(
    profile: RuleProfile = .linux, path: DataPath = .copy
  ) throws(HostCaseError) -> CaseVif {
    let loop = HostLoop()
    let (guest, toolstack) = (try Self.connect(loop), try Self.connect(loop))
    return CaseVif(
      guest: guest, toolstack: toolstack, loop: loop, backend: try backend(on: loop, profile, path),
      patience: Self.patience)
  }

  static func connect(_ loop: HostLoop) throws(HostCaseError) -> DomainInterface {
    do throws(HostError) { return try HostXen.connect(loop) } catch { throw .host(error) }
  }

  private func backend(
    on loop: HostLoop, _ profile: RuleProfile, _ path: DataPath
  ) throws(HostCaseError) -> any CaseBackend {
    switch self {
    case .swift:
      return SwiftCaseBackend(
        xen: try Self.connect(loop), loop: loop, path: path, profile: profile)
    case .kernel:
      do throws(CaseError) { return try KernelCaseBackend() } catch { throw .cases(error) }
    }
  }

  /// On a busy emulated machine Linux may take a minute to come to a guest.
  private static let patience = CaseVif.Patience(
    rest: 90_000_000_000, grace: 8_000_000, interval: 300_000)
}

/// Why no cases can be played on this host.
public enum HostCaseError: Error, Hashable, Sendable {
  /// There is no Xen, or we may not use it.
  case host(HostError)
  /// The backend's interface cannot be watched.
  case cases(CaseError)
  /// The vif that was named cannot be had.
  case vif(VifRefusal)
}
