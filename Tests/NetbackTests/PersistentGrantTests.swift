import Netback
import Netfront
import Netif
import SimulatedXen
import TestSupport
import Testing
import XenInterface
import XenRing

private let okay = NetifStatus.okay

@Suite struct `Pages whose requests say that they may stay mapped` {
  private func connected(_ options: NetfrontOptions? = nil) throws -> BackendWorld {
    let world = try BackendWorld(dataPath: .persistent)
    try world.connect(options ?? NetfrontOptions(persistentGrants: true, txPages: 4, rxPages: 4))
    return world
  }

  @Test func `are mapped once, and then copied from and into without Xen`() throws {
    let world = try connected()
    let (sender, receiver) = (
      TxSender(world.front.queues[0]), RxReceiver(world.front.queues[0])
    )
    let before = world.machine.counters
    for round in 0..<20 {
      _ = try sender.send(pattern(5000, from: UInt8(round)).span.octets)
      world.front.queues[0].tx.publish()
      receiver.refill()
      #expect(world.send(pattern(3000, from: UInt8(round))))
      world.settle()
      #expect(try sender.collect().map(\.status) == [okay, okay])
      #expect(
        try receiver.receive().map { try $0.get().octets } == [pattern(3000, from: UInt8(round))])
    }
    #expect(world.sink.frames.map(\.octets) == (0..<20).map { pattern(5000, from: UInt8($0)) })
    let counters = world.machine.counters
    #expect(counters.copyOperations == before.copyOperations)
    #expect(counters.mapOperations - before.mapOperations == 2 + 4)
    #expect(counters.unmapOperations == before.unmapOperations)
  }

  @Test func `are unmapped before the request is answered that does not say so any more`() throws {
    let world = try connected()
    let mapped = world.machine.counters.mappedPages
    #expect(try world.exchange() == [okay])
    #expect(world.machine.counters.mappedPages == mapped + 1)
    world.front.queues[0].persists = false
    #expect(try world.exchange() == [okay])
    #expect(world.machine.counters.mappedPages == mapped)
    #expect(world.sink.frames.count == 2)
  }

  /// Three requests for one page in a poll, of which the second takes its leave.
  @Test func `are let go of when the omission comes in flight, and mapped again when asked for`()
    throws
  {
    let world = try connected()
    let mapped = world.machine.counters.mappedPages
    let queue = world.front.queues[0]
    func put(_ flags: [TxFlags]) {
      for flags in flags {
        queue.tx.put(
          TxRequest(grant: queue.txPages.grant(of: 0), offset: 0, flags: flags, id: 0, size: 60))
      }
      queue.tx.publish()
      world.settle()
    }
    put([.persist, [], .persist])
    #expect(world.sink.frames.count == 3)
    #expect(world.machine.counters.mappedPages == mapped)
    put([.persist])
    #expect(world.machine.counters.mappedPages == mapped + 1)
  }

  @Test func `are mapped for writing when they come to be received into`() throws {
    let world = try connected()
    let queue = world.front.queues[0]
    let (sender, receiver) = (TxSender(queue), RxReceiver(queue))
    // A page that the guest may be sent to serves for both.
    queue.tx.put(
      TxRequest(grant: queue.rxPages.grant(of: 3), offset: 0, flags: .persist, id: 0, size: 60))
    queue.tx.publish()
    world.settle()
    receiver.refill()
    for round in 0..<8 {
      #expect(world.send(pattern(100, from: UInt8(round))))
      world.settle()
      #expect(
        try receiver.receive().map { try $0.get().octets } == [pattern(100, from: UInt8(round))])
      receiver.refill()
    }
    withExtendedLifetime(sender) {}
  }

  @Test func `are copied by Xen when they cannot be mapped, with its status`() throws {
    let world = try connected()
    let queue = world.front.queues[0]
    let copies = world.machine.counters.copyOperations
    queue.tx.put(
      TxRequest(grant: RxBench.badGrant, offset: 0, flags: .persist, id: 0, size: 60))
    queue.tx.publish()
    world.settle()
    #expect(
      try queue.tx.takeResponse().map { TxResponse(words: $0.words).status } == .error)
    #expect(world.machine.counters.copyOperations == copies + 1)
  }

  @Test func `are copied by Xen when as many are mapped as may be`() throws {
    let world = try connected(
      NetfrontOptions(persistentGrants: true, txPages: StagingTable.capacity + 8))
    let queue = world.front.queues[0]
    let mapped = world.machine.counters.mappedPages
    for page in 0..<queue.txPages.count {
      queue.tx.put(
        TxRequest(grant: queue.txPages.grant(of: page), offset: 0, flags: .persist, id: 0, size: 60)
      )
      queue.tx.publish()
      world.settle()
      _ = try queue.tx.takeResponse()
    }
    #expect(world.sink.frames.count == StagingTable.capacity + 8)
    #expect(world.machine.counters.mappedPages == mapped + StagingTable.capacity)
  }

  @Test func `are none where the guest has not said so, and on other paths`() throws {
    for (path, asked) in [(DataPath.persistent, false), (.copy, true), (.staged, true)] {
      let world = try BackendWorld(dataPath: path)
      try world.connect(NetfrontOptions(persistentGrants: asked))
      #expect(!world.front.queues[0].persists)
      let mapped = world.machine.counters.mappedPages
      world.front.queues[0].persists = true
      #expect(try world.exchange() == [okay])
      #expect(world.machine.counters.mappedPages == mapped)
    }
  }

  @Test func `are unmapped when the guest closes`() throws {
    let world = try connected()
    #expect(try world.exchange() == [okay])
    try world.expectCloseLeavesNothing()
  }
}
