import Netback
import Netfront
import Netif
import SimulatedXen
import TestSupport
import Testing
import XenInterface
import XenRing

/// All that a world holds at a moment.
private struct Standing: Equatable {
  var counts: [Int]
  var keys: [String]

  init(_ world: BackendWorld) {
    let held = world.machine.counters
    counts = [held.grantedPages, held.mappedPages, held.openPorts, held.watches]
    keys = Self.keys(below: "/local", world.xen.store)
  }

  private static func keys(below path: String, _ store: any Store) -> [String] {
    let names = (try? store.list(path)) ?? []
    return names.sorted().flatMap { name in
      [path + "/" + name] + keys(below: path + "/" + name, store)
    }
  }
}

extension BackendWorld {
  /// Connects in one of several ways, lets frames pass on every queue, and disconnects.
  fileprivate func comeAndGo(_ round: Int) throws {
    var options = NetfrontOptions(
      queues: round % 8 == 0 ? 2 : 1, splitEventChannels: round % 3 != 0,
      controlRing: round % 5 == 0, txPages: 4, rxPages: 4)
    options.txStart = RingIndex(rawValue: 0xffff_ffff &- UInt32(round % 4))
    try connect(options)
    for (number, queue) in front.queues.enumerated() {
      let sender = TxSender(queue)
      let receiver = RxReceiver(queue)
      receiver.refill(limit: 2)
      _ = try sender.send(pattern(1500).span.octets)
      queue.tx.publish()
      precondition(send(pattern(1500), queue: number))
      settle()
      let (answers, frames) = (try sender.collect(), try receiver.receive())
      precondition(answers.map(\.status) == [.okay] && frames.count == 1)
    }
    try front.close(until: later)
  }
}

@Suite struct ConnectionMemoryTests {
  /// In a process of its own, whose memory is nobody else's.
  @Test
  func
    `a thousand connections leave grants, mappings, ports, watches, keys and memory as they were`()
    async
  {
    await #expect(processExitsWith: .success) {
      let world = try BackendWorld()
      // The first rounds make what stays: storage that is used again, the highest key names.
      for round in 0..<40 { try world.comeAndGo(round) }
      let before = Standing(world)
      let memory = try PeakMemory.restart()
      for round in 0..<1000 { try world.comeAndGo(round) }
      let grown = try PeakMemory.octets() - memory
      let after = Standing(world)
      precondition(after == before, "\(before) became \(after)")
      precondition(before.counts.prefix(3) == [0, 0, 0], "\(before)")
      // A connection's queue alone takes 2 MiB: one in a hundred that stayed would be seen.
      precondition(grown < 16 << 20, "\(grown) octets")
      precondition(world.device.state == .closed)
    }
  }
}
