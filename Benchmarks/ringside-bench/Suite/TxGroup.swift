import Netback

extension BenchGroup {
  /// Packets from a guest, by one queue, across two cores.
  static let tx = BenchGroup("tx") { scale in
    let cores = try Cores.two()
    let dpdk = DpdkVhost(on: cores)
    return TxLine.all.map { $0.contest(scale, cores, dpdk) }
  }
}

/// Two cores, where there are two.
enum Cores {
  static func two() throws -> GuestThread.Cores {
    guard let cores = GuestThread.cores else { throw PeerFault.needs("two cores") }
    return cores
  }
}

/// What is sent.
private struct TxLine {
  var path = DataPath.copy
  var size: UInt16 = 64
  var slots: UInt32 = 1
  var burst: UInt32 = 32

  static var all: [Self] {
    [64, 256, 1460].map { Self(size: $0) }
      + [2, 4].map { Self(size: UInt16(1460 * $0), slots: $0) }
      + [1, 8, 256].map { Self(burst: $0) }
      + [.map, .mapLarge, .lazy].map { Self(path: $0, size: 1460) }
  }

  private var name: String {
    "\(path.rawValue) \(size)"
      + (slots > 1 ? ", \(slots) slots" : "") + (burst == 32 ? "" : ", bursts of \(burst)")
  }

  /// What DPDK sends for it; a path of ours that does not copy has no counterpart there.
  private var counterpart: DpdkVhost.Load? {
    guard path == .copy else { return nil }
    let piece = Int(size) / Int(slots)
    return .init(pieces: Array(repeating: piece, count: Int(slots)), burst: Int(burst))
  }

  func contest(_ scale: BenchScale, _ cores: GuestThread.Cores, _ dpdk: DpdkVhost) -> Contest {
    let packets: UInt64 = (scale.isQuick ? 200_000 : 1_000_000) / UInt64(slots)
    let load = ThroughputLoad(path: path, size: size, slots: slots, packets: packets, burst: burst)
    return Contest(name, .millions) {
      let duel = try ThroughputDuel(load, on: cores)
      return Entrants(
        ours: { Double(packets) / (try duel.timeOurs()) / 1e6 },
        reference: { Double(packets) / (try duel.timeReference()) / 1e6 },
        peers: counterpart.map { [dpdk.peer($0)] } ?? [])
    }
  }
}
