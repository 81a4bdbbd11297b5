internal import Recorder
internal import XenHost
internal import XenInterface

/// Which vifs of this host are to be recorded: all of them, or those of some guests, which keep their place when they
/// come back under another number.
final class VifSelection {
  private struct Wanted {
    var name: VifName
    /// What stays of the guest when it boots anew; nil where the store does not say.
    var guest: String?
  }

  /// Nil for all vifs.
  private var wanted: [Wanted]?
  private let store = try? HostXen.connect(HostLoop()).store

  /// - Parameter names: the vifs to begin with; none for all that there are.
  init(_ names: [VifName]) {
    guard !names.isEmpty else { return }
    wanted = names.map { Wanted(name: $0, guest: guest($0.domain)) }
  }

  /// Those that are there.
  var vifs: [FleetVif] { HostVifs.served.filter(isWanted).map(FleetVif.init) }

  /// A guest has a vif of a device number; of two domains that say they are the same guest, as when one moves, both do.
  private func isWanted(_ name: VifName) -> Bool {
    guard let wanted else { return true }
    return wanted.contains { one in
      guard one.name.handle == name.handle else { return false }
      if one.name.domain == name.domain { return true }
      return one.guest != nil && one.guest == guest(name.domain)
    }
  }

  private func guest(_ domain: DomainID) -> String? {
    try? store?.read("/local/domain/\(domain.rawValue)/vm")
  }
}

extension FleetVif {
  fileprivate init(_ name: VifName) { self.init(domain: name.domain, handle: name.handle) }

  /// Its name.
  var name: String { VifName(domain: domain, handle: handle).name }
}
