import Netfront
import Netif
public import WorldConformance
public import XenInterface
import XenRing

/// What ends a guest's connection for good, beside what the wire's own rules are.
private let fatalActs: [(String, @Sendable (TestedVif) throws -> Void)] = [
  ("a slot that crosses its page", { vif in try vif.putOne(offset: 4090, size: 100) }),
  ("a packet that lacks a slot", { vif in try vif.putOne(size: 60, flags: .moreData) }),
  ("a packet that lacks an extra info", { vif in try vif.putOne(size: 60, flags: .extraInfo) }),
  (
    "an extra info of no type",
    { vif in
      try vif.putOne(size: 60, flags: .extraInfo)
      vif.front.queues[0].tx.put(words: [0, 0, 0, 0])
    }
  ),
  (
    "a packet of 25 slots",
    { vif in
      let shape = TxShape(piece: 10, slotLimit: 25)
      let length = vif.slots(for: 250, shape) == 25 ? 250 : HeaderArea.slotSize + 240
      _ = try vif.senders[0].send(TestFrame.plain(length).span.octets, shape: shape)
    }
  ),
  (
    "a producer that runs away",
    { vif in
      let tx = vif.front.queues[0].tx
      tx.moveProducer(to: tx.requestProducer.advanced(by: tx.capacity + 1))
    }
  ),
]

extension BackendRows {
  /// A fatal guest loses its own vif, and nobody else loses anything.
  var cutOffs: [LabRow] {
    fatalActs.map { name, act in
      backend("\(name): cuts its own vif off, and no other") { backend, world in
        try TestedVif.with(backend, world) { bystander in
          try bystander.connect(NetfrontOptions(queues: 2))
          bystander.offerPages()
          try TestedVif.with(backend, world) { guest in
            try guest.connect()
            try expect(guest.send(TestFrame.plain(60)).map(\.status), is: [.okay])
            try act(guest)
            guest.front.queues[0].tx.publish(.always)
            try guest.expectSilence()
            try expectTraffic(on: bystander)
            guest.front.queues[0].tx.publish(.always)
            try guest.expectSilence()
          }
          try expectTraffic(on: bystander)
        }
      }
    }
  }

  /// A row on a vif that is there, for somebody who watches it: frames pass, 40 and as many as there is
  /// time for, then it is cut off.
  public func watchedCutOff(of handle: VifHandle, afterSeconds seconds: UInt64 = 0) -> LabRow {
    backend("frames pass, then a slot crosses its page") { backend, world in
      try TestedVif.on(handle, backend, world) { vif in
        try vif.connect()
        let end = world.loop.now.advanced(by: seconds * 1_000_000_000)
        repeat {
          for count in 1...40 {
            let answers = try vif.send(
              TestFrame.plain(60 + 30 * count), shape: TxShape(piece: 500))
            try expect(answers.allSatisfy { $0.status == .okay }, "an answer is not okay")
          }
        } while world.loop.now < end
        try vif.putOne(offset: 4090, size: 100)
        vif.front.queues[0].tx.publish(.always)
        try vif.expectSilence()
      }
    }
  }

  /// Expects that frames pass both ways, on every queue.
  private func expectTraffic(on vif: TestedVif) throws {
    for queue in vif.front.queues.indices {
      let answers = try vif.send(TestFrame.plain(120), queue: queue)
      try expect(answers.map(\.status), is: [.okay], "the other vif's statuses")
      try expect(vif.delivered(), is: TestFrame.plain(120), "the other vif's frame")
      try vif.give(TestFrame.plain(300))
      try expect(vif.received()?.octets, is: TestFrame.plain(300), "the frame for the other vif")
    }
  }

  /// Whatever ends a connection, nothing of it stays.
  var closings: [LabRow] {
    [
      leakRow("a guest that closes and comes back") { vif in
        for options in Self.ways.map(\.1) {
          try vif.connect(options)
          vif.offerPages()
          try expect(vif.send(TestFrame.plain(60)).map(\.status), is: [.okay])
          try vif.give(TestFrame.plain(60))
          try expect(vif.received()?.octets, is: TestFrame.plain(60))
          try vif.close()
        }
      },
      leakRow("a guest that connects and closes 50 times") { vif in
        for round in 0..<50 {
          try vif.connect(Self.ways[round % Self.ways.count].1)
          try expect(vif.send(TestFrame.plain(60)).map(\.status), is: [.okay], "round \(round)")
          try vif.close()
        }
      },
      leakRow("a guest that closes in the midst of traffic") { vif in
        try vif.connect(NetfrontOptions(queues: 2))
        vif.offerPages()
        for queue in 0..<2 {
          for _ in 0..<30 { _ = try vif.senders[queue].send(TestFrame.plain(60).span.octets) }
          vif.front.queues[queue].tx.publish()
          try vif.give(TestFrame.plain(60))
        }
        try vif.close()
      },
      leakRow("a guest that begins anew without a close") { vif in
        try vif.connect(NetfrontOptions(queues: 2))
        vif.vanish()
        try vif.connect()
        try expect(vif.send(TestFrame.plain(60)).map(\.status), is: [.okay])
      },
      leakRow("a guest that has filled its multicast list, twice (R-42)") { vif in
        for _ in 0..<2 {
          try vif.connect(
            NetfrontOptions(txPages: 128, extraKeys: ["request-multicast-control": "1"]))
          vif.offerPages()
          try vif.fillMulticastList()
          for _ in 0..<10 { try vif.give(TestFrame.plain(60)) }
          try vif.close()
        }
      },
      leakRow("a guest that was cut off and comes back (R-39)") { vif in
        try vif.connect()
        try vif.putOne(offset: 4090, size: 100)
        vif.front.queues[0].tx.publish(.always)
        try vif.expectSilence()
        try vif.close()
        try vif.connect(isCutOff: true)
        _ = try vif.senders[0].send(TestFrame.plain(60).span.octets)
        vif.front.queues[0].tx.publish(.always)
        try vif.expectSilence()
      },
      leakRow("a guest that vanishes in the midst of traffic") { vif in
        try vif.connect(NetfrontOptions(queues: 2))
        vif.offerPages()
        for _ in 0..<30 { _ = try vif.senders[1].send(TestFrame.plain(60).span.octets) }
        vif.front.queues[1].tx.publish()
        try vif.give(TestFrame.plain(60))
        vif.vanish()
      },
      leakRow("a guest that was cut off") { vif in
        try vif.connect()
        try vif.putOne(offset: 4090, size: 100)
        vif.front.queues[0].tx.publish(.always)
        try vif.expectSilence()
      },
    ]
  }

  /// A row whose vif, connected or not, must leave nothing behind.
  private func leakRow(
    _ name: String, _ body: @escaping (TestedVif) throws -> Void
  ) -> LabRow {
    backend("\(name): leaves no grant, no mapping, no port, no key") { backend, world in
      let before = try backend.holdings
      let keys = world.vifKeys
      try TestedVif.with(backend, world, body)
      var after = before
      // A kernel gives back in its own time.
      _ = world.loop.run(until: world.loop.now.advanced(by: 5_000_000_000)) {
        after = (try? backend.holdings) ?? after
        return after.isAsLittle(as: before)
      }
      try expect(after.isAsLittle(as: before), "\(before) became \(after)")
      try expect(world.vifKeys, is: keys, "keys in the store")
    }
  }
}

extension Holdings {
  /// Octets that a process may have taken for good beside what it holds; one queue takes 2 MiB.
  private static let allowance = 24 << 20

  /// Whether nothing more is held than was.
  fileprivate func isAsLittle(as before: Holdings) -> Bool {
    var same = self
    same.memory = before.memory
    return same == before && memory - before.memory < Self.allowance
  }
}

extension World {
  /// The keys below the directories of the guest's vifs, at both ends.
  fileprivate var vifKeys: [String] {
    let guest = frontend.domain.rawValue
    let home = "/local/domain/"
    return keys(below: "\(home)\(backend.domain.rawValue)/backend/vif/\(guest)")
      + keys(below: "\(home)\(guest)/device/vif")
  }

  private func keys(below path: String) -> [String] {
    let names = (try? backend.store.list(path)) ?? []
    return names.sorted().flatMap { [path + "/" + $0] + keys(below: path + "/" + $0) }
  }
}

extension TestedVif {
  /// Asks for 65 addresses, one more than every list has room for.
  fileprivate func fillMulticastList() throws {
    for number in 0..<65 as Range<UInt64> {
      let address = MACAddress(bits: 0x0100_5e00_0000 + number)
      _ = try senders[0].send(
        TestFrame.plain(60).span.octets, extras: [.multicastAdd(address)])
    }
    front.queues[0].tx.publish()
    let statuses = try answers(130).map(\.status).filter { $0 != .null }
    let wanted = Array(repeating: NetifStatus.okay, count: 64) + [.error]
    try expect(statuses, is: wanted, "statuses")
  }

  /// Puts one slot of the first page into the ring, as it is.
  func putOne(offset: UInt16 = 0, size: UInt16, flags: TxFlags = []) throws {
    let queue = front.queues[0]
    queue.tx.put(
      TxRequest(
        grant: queue.txPages.grant(of: 0), offset: offset, flags: flags, id: 0, size: size))
  }
}
