import Netback
import Netfront
import Netif
import SimulatedXen
import TestSupport
import Testing
import XenInterface
import XenRing

private let okay = NetifStatus.okay
private let error = NetifStatus.error

@Suite struct `Packets whose first octets lie in a header area` {
  private func connected(_ path: DataPath = .header) throws -> BackendWorld {
    let world = try BackendWorld(dataPath: path)
    try world.connect(NetfrontOptions(headerArea: true, txPages: 256))
    return world
  }

  @Test(arguments: [60, 127, 128, 129, 4096, 4224, 4225, 30000])
  func `arrive whole, whatever part of them the slot has`(_ size: Int) throws {
    let world = try connected()
    let sender = TxSender(world.front.queues[0])
    for round in 0..<300 {
      _ = try sender.send(pattern(size, from: UInt8(truncatingIfNeeded: round)).span.octets)
      world.front.queues[0].tx.publish()
      world.settle()
      #expect(try sender.collect().allSatisfy { $0.status == okay })
    }
    #expect(world.sink.frames.count == 300)
    let rounds = world.sink.frames.enumerated()
    #expect(
      rounds.allSatisfy { $1.octets == pattern(size, from: UInt8(truncatingIfNeeded: $0)) })
  }

  @Test func `are offered by this path only`() throws {
    for path in DataPath.allCases {
      let world = try connected(path)
      #expect((world.front.queues[0].headerPages != nil) == (path == .header))
    }
  }

  @Test func `are those of their own queue`() throws {
    let world = try BackendWorld(dataPath: .header)
    try world.connect(NetfrontOptions(queues: 2, headerArea: true))
    let senders = world.front.queues.map(TxSender.init)
    for (place, sender) in senders.enumerated() {
      _ = try sender.send(pattern(100, from: UInt8(place * 100)).span.octets)
      world.front.queues[place].tx.publish()
    }
    world.settle()
    #expect(world.sink.frames.map(\.octets) == [pattern(100), pattern(100, from: 100)])
  }

  static let bad: [(UInt32, UInt16, UInt16)] = [
    (256, 0, 60), (.max, 0, 60), (0, 1, 128), (0, 128, 14), (255, 0xffff, 60), (3, 0, 129),
  ]

  @Test(arguments: bad)
  func `are refused where the slot is none, or the data goes beyond it`(
    _ slot: UInt32, _ offset: UInt16, _ size: UInt16
  ) throws {
    let world = try connected()
    let ring = world.front.queues[0].tx
    for (slot, offset, size) in [(slot, offset, size), (UInt32(0), UInt16(0), UInt16(60))] {
      ring.put(
        TxRequest(
          grant: GrantReference(rawValue: slot), offset: offset, flags: .headerSlot, id: 1,
          size: size))
    }
    ring.publish()
    world.settle()
    #expect(try statuses(ring) == [error, okay])
    #expect(world.device.vif.context.violation == nil)
    #expect(world.sink.frames.count == 1)
  }

  @Test func `may also lie in a page, packet by packet`() throws {
    let world = try connected()
    let queue = world.front.queues[0]
    queue.txPages.setOctets(pattern(60).span.octets, page: 5, at: 7)
    queue.tx.put(
      TxRequest(grant: queue.txPages.grant(of: 5), offset: 7, flags: [], id: 1, size: 60))
    queue.tx.publish()
    world.settle()
    #expect(world.sink.frames.map(\.octets) == [pattern(60)])
  }

  @Test func `are none where the guest has not said so: the flag is as any unknown one`() throws {
    let world = try BackendWorld(dataPath: .header)
    try world.connect()
    let queue = world.front.queues[0]
    queue.txPages.setOctets(pattern(60).span.octets, page: 5, at: 0)
    queue.tx.put(
      TxRequest(
        grant: queue.txPages.grant(of: 5), offset: 0, flags: .headerSlot, id: 1, size: 60))
    queue.tx.publish()
    world.settle()
    #expect(world.sink.frames.map(\.octets) == [pattern(60)])
  }

  @Test func `map nothing of a frame that nobody looks at beyond them`() throws {
    let world = try BackendWorld(dataPath: .header, sink: Unread())
    try world.connect(NetfrontOptions(headerArea: true))
    let before = world.machine.counters
    let sender = TxSender(world.front.queues[0])
    _ = try sender.send(pattern(20000).span.octets)
    world.front.queues[0].tx.publish()
    world.settle()
    #expect(try sender.collect().count == 6)
    #expect(world.machine.counters.mapCalls == before.mapCalls)
  }

  @Test(arguments: 0..<HeaderArea.pageCount)
  func `need all of their pages in the store`(_ missing: Int) throws {
    let world = try BackendWorld(dataPath: .header)
    let name = "x-ringside-header-ref-\(missing)"
    #expect(throws: NetfrontError.self) {
      try world.connect(NetfrontOptions(headerArea: true, omittedKeys: [name]))
    }
    #expect(world.device.failure == .missingKey(name))
    #expect(world.machine.counters.mappedPages == 0)
  }

  @Test func `leave nothing mapped when the guest closes`() throws {
    let world = try connected()
    #expect(try world.exchange() == [okay])
    try world.expectCloseLeavesNothing()
  }

  private func statuses(
    _ ring: FrontChannel<TxRequest, TxResponse>
  ) throws -> [NetifStatus] {
    var statuses: [NetifStatus] = []
    while let slot = try ring.takeResponse() {
      statuses.append(TxResponse(words: slot.words).status)
    }
    return statuses
  }
}

/// Looks at no octet.
private final class Unread: FrameSink {
  func deliver(_ batch: FrameBatch, queue: UInt16) {}
}
