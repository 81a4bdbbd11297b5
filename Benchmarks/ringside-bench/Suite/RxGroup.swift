import Netback
import XenRing

extension BenchGroup {
  /// Frames to a guest, by one queue, across two cores.
  static let rx = BenchGroup("rx") { scale in
    let cores = try Cores.two()
    let dpdk = DpdkVhost(on: cores)
    let sizes = [64, 256, 1460, 8192, 16384].map { RxLine(size: $0) }
    return (sizes + [1, 8, 256].map { RxLine(burst: $0) }).map { $0.contest(scale, cores, dpdk) }
  }
}

/// What is handed over.
private struct RxLine {
  var size: UInt16 = 64
  var burst: UInt32 = 32

  private var slots: Int { (Int(size) + RingLayout.pageSize - 1) / RingLayout.pageSize }

  private var name: String {
    "\(size)" + (slots > 1 ? ", \(slots) slots" : "")
      + (burst == 32 ? "" : ", bursts of \(burst)")
  }

  /// What DPDK sends for it. A frame of several pages has no counterpart: its guest offers buffers of 2 KiB.
  private var counterpart: DpdkVhost.Load? {
    slots > 1 ? nil : .init(direction: .toGuest, pieces: [Int(size)], burst: Int(burst))
  }

  func contest(_ scale: BenchScale, _ cores: GuestThread.Cores, _ dpdk: DpdkVhost) -> Contest {
    let packets = (scale.isQuick ? 200_000 : 1_000_000) / UInt64(slots)
    let load = ThroughputLoad(path: .copy, size: size, packets: packets, burst: burst)
    return Contest(name, .millions) {
      let duel = try ReceiveDuel(load, on: cores)
      return Entrants(
        ours: { Double(packets) / (try duel.timeOurs()) / 1e6 },
        reference: { Double(packets) / (try duel.timeReference()) / 1e6 },
        peers: counterpart.map { [dpdk.peer($0)] } ?? [])
    }
  }
}
