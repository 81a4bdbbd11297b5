public import Netback
public import Netif
import SimulatedXen
import XenInterface

extension CaseVif {
  /// A vif of our netback's, on a simulated machine of its own.
  public static func simulated(
    path: DataPath = .copy, profile: RuleProfile = .linux
  ) -> CaseVif {
    simulated(path: path, profile: profile) { _ in }
  }

  /// The same by rules that are changed first.
  package static func simulated(
    path: DataPath, profile: RuleProfile,
    changing change: @escaping (inout VifConfiguration) -> Void
  ) -> CaseVif {
    let machine = SimulatedMachine(seed: 1)
    let backend = SwiftCaseBackend(
      xen: machine.connect(.control), loop: machine.loop, path: path, profile: profile)
    backend.change = change
    return CaseVif(
      guest: machine.connect(DomainID(rawValue: 5)), toolstack: machine.connect(.control),
      loop: machine.loop, backend: backend, patience: .simulated)
  }
}
