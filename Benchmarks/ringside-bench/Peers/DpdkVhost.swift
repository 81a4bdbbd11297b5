import Foundation

/// DPDK's vhost-user backend and a virtio-user guest over one split virtqueue of 256, each on a core of its own. They stand still
/// unless they are measured. Made when it is needed first.
final class DpdkVhost {
  static let name = "DPDK vhost"
  /// Seconds over which a round is counted.
  private static let span = 0.3
  /// Seconds that the flow has to become even.
  private static let start = 0.1
  /// Packets that may be counted and their octets not yet: a port counts while it is read.
  private static let inFlight: UInt64 = 512

  /// Which way packets go.
  enum Direction { case fromGuest, toGuest }

  /// What a round sends: octets of each piece of a packet, and packets of a burst.
  struct Load {
    var direction = Direction.fromGuest
    var pieces: [Int]
    var burst = 32
  }

  private let cores: GuestThread.Cores
  private var running: Result<Pair, any Error>?

  /// The programs end first, then what they use goes.
  private struct Pair {
    let guest: TestPmd
    let backend: TestPmd
    let folder: BenchFolder
    let pages: HugePages
  }

  init(on cores: GuestThread.Cores) { self.cores = cores }

  /// Packets a second, in millions.
  func peer(_ load: Load) -> Peer { .ready(Self.name) { [self] in try round(load) } }

  private func round(_ load: Load) throws -> Double {
    let pair = try pair()
    let isFromGuest = load.direction == .fromGuest
    let sender = isFromGuest ? pair.guest : pair.backend
    let receiver = isFromGuest ? pair.backend : pair.guest
    try sender.tell("set fwd txonly")
    try sender.tell("set txpkts " + load.pieces.map(String.init).joined(separator: ","))
    try receiver.tell("set fwd rxonly")
    for end in [receiver, sender] {
      try end.tell("set burst \(load.burst)")
      try end.tell("start")
    }
    defer { for end in [sender, receiver] { _ = try? end.tell("stop") } }
    return try measure(receiver, size: load.pieces.reduce(0, +))
  }

  private func measure(_ receiver: TestPmd, size: Int) throws -> Double {
    usleep(UInt32(Self.start * 1e6))
    let before = try receiver.counts()
    usleep(UInt32(Self.span * 1e6))
    let after = try receiver.counts()
    let packets = after.packets - min(before.packets, after.packets)
    let octets = (after.octets - min(before.octets, after.octets)) / UInt64(size)
    guard packets > 0, after.lost == before.lost,
      max(packets, octets) - min(packets, octets) <= Self.inFlight
    else { throw PeerFault.different("packets were lost, or have another size") }
    return Double(after.rate) / 1e6
  }

  private func pair() throws -> Pair {
    if running == nil { running = Result { try start() } }
    guard let running else { throw PeerFault.needs("two cores") }
    return try running.get()
  }

  private func start() throws -> Pair {
    guard FileManager.default.isExecutableFile(atPath: "/usr/bin/dpdk-testpmd") else {
      throw PeerFault.absent("dpdk-testpmd")
    }
    let (pages, folder) = (try HugePages(512), try BenchFolder())
    let socket = folder.path("vhost")
    // Each forwards on the core on which the other only listens.
    let backend = try TestPmd(
      cores: cores, main: cores.guest, prefix: "backend",
      device: "net_vhost0,iface=\(socket),queues=1")
    let guest = try TestPmd(
      cores: cores, main: cores.backend, prefix: "guest",
      device: "net_virtio_user0,path=\(socket),queues=1,queue_size=256")
    return Pair(guest: guest, backend: backend, folder: folder, pages: pages)
  }
}
