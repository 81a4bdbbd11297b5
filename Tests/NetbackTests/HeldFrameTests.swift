import Dispatch
import Netback
import Netfront
import Netif
import SimulatedXen
import Synchronization
import TestSupport
import Testing
import XenInterface
import XenRing

private let now = MonotonicInstant(nanoseconds: 0)

@Suite struct `A frame that is kept` {
  @Test(arguments: [DataPath.copy, .map, .lazy])
  func `is answered when its holder is done, in the order in which holders are`(
    _ path: DataPath
  ) throws {
    let keeper = FrameHolder()
    let bench = try TxBench(order: .completion, path: path, sink: keeper)
    bench.publish(
      bench.packet([1000]) + bench.packet([100, 200, 300]) + bench.packet([60]))
    bench.pollAll()
    // What is wholly copied is answered at once.
    #expect(bench.answers().map(\.id) == [0, 0])
    #expect(bench.machine.counters.mappedPages == (path == .copy ? 0 : 3))
    #expect(
      keeper.gather(1) == pattern(100) + pattern(200, from: 1) + pattern(300, from: 2))
    keeper.end(1)
    keeper.end(0)
    bench.poll()
    #expect(bench.answers().map(\.id) == [0, 0, 1, 2, 0])
    #expect(bench.machine.counters.mappedPages == 0)
    #expect(bench.queue.heldFrameCount == 1)
  }

  @Test func `can be read and ended on any thread, and is unmapped before it is answered`()
    throws
  {
    let keeper = FrameHolder()
    let bench = try TxBench(order: .completion, path: .map, sink: keeper)
    var mapped: [Int] = []
    bench.memory.willStore = { [machine = bench.machine] offset in
      if offset == RingLayout.responseProducer { mapped.append(machine.counters.mappedPages) }
    }
    bench.publish((0..<64).flatMap { _ in bench.packet([3000]) })
    bench.pollAll()
    #expect(bench.queue.heldFrameCount == 64)
    let same = Atomic<Int>(0)
    let holders = keeper.holders
    DispatchQueue.concurrentPerform(iterations: 64) { place in
      var octets: [UInt8] = []
      holders[place].gather(in: &octets)
      if octets == pattern(3000) { same.add(1, ordering: .relaxed) }
      holders[place].end()
    }
    #expect(same.load(ordering: .relaxed) == 64)
    #expect(bench.statuses().isEmpty)
    bench.poll()
    #expect(bench.statuses() == [NetifStatus](repeating: .okay, count: 64))
    #expect(mapped == [0])
    bench.memory.willStore = nil
  }

  @Test func `is none where answers stand in ring order`() throws {
    let keeper = FrameHolder()
    let bench = try TxBench(order: .ring, path: .map, sink: keeper)
    bench.publish(bench.packet([1000]))
    bench.pollAll()
    #expect(keeper.holders.isEmpty && keeper.refused == 1)
    #expect(bench.statuses() == [.okay])
  }

  @Test func `is refused beyond as many as may be held`() throws {
    let keeper = FrameHolder()
    let bench = try TxBench(order: .completion, path: .map, sink: keeper, heldFrames: 2)
    bench.publish((0..<3).flatMap { _ in bench.packet([1000]) })
    bench.pollAll()
    #expect((keeper.holders.count, keeper.refused) == (2, 1))
    keeper.end(0)
    bench.publish(bench.packet([1000]))
    bench.pollAll()
    #expect((keeper.holders.count, keeper.refused) == (3, 1))
  }

  @Test func `is refused when its pages were withdrawn`() throws {
    let keeper = FrameHolder()
    let bench = try TxBench(order: .completion, path: .lazy, sink: keeper)
    keeper.willTake = { [unowned bench] in bench.revoke(page: 1) }
    bench.publish(bench.packet([128, 1000]))
    bench.pollAll()
    #expect((keeper.holders.count, keeper.refused) == (0, 1))
    _ = bench.queue.release(frame: RingIndex(rawValue: 0), now: now)
    #expect(bench.statuses() == [.okay, .error])
  }

  @Test func `can end when its queue is gone, and leaves nothing mapped`() throws {
    let keeper = FrameHolder()
    let machine: SimulatedMachine
    do {
      let bench = try TxBench(order: .completion, path: .map, sink: keeper)
      machine = bench.machine
      bench.publish(bench.packet([1000, 2000]))
      bench.pollAll()
    }
    #expect(keeper.gather(0) == pattern(1000) + pattern(2000, from: 1))
    #expect(machine.counters.mappedPages == 2)
    keeper.end(0)
    #expect(machine.counters.mappedPages == 0)
  }
}

@Suite struct `A vif whose frames are kept` {
  /// 256 packets of a slot each, all of them with their holders.
  private func fullWorld(_ keeper: FrameHolder) throws -> BackendWorld {
    let world = try BackendWorld(dataPath: .map, order: .completion, sink: keeper)
    try world.connect(NetfrontOptions(txPages: 256))
    let sender = TxSender(world.front.queues[0])
    for _ in 0..<256 { _ = try sender.send(pattern(1000).span.octets) }
    world.front.queues[0].tx.publish()
    world.settle()
    #expect(world.device.vif.heldFrameCount == 256)
    return world
  }

  @Test func `closes when 256 outstanding frames have ended, and answers them first`() throws {
    let keeper = FrameHolder()
    let world = try fullWorld(keeper)
    try world.front.publish(.closing)
    world.settle()
    #expect(world.device.state == .connected)
    for place in 0..<256 { keeper.end(place) }
    _ = world.worker.step(now: world.machine.loop.now)
    #expect(try world.front.queues[0].tx.countedResponses() == 256)
    #expect(world.device.state == .closing)
    #expect(world.device.vif.context.statistics.txAbandoned == 0)
    world.front.abandon()
    #expect(world.machine.counters.mappedPages == 0)
  }

  @Test func `closes without them when the time is over, and says how many`() throws {
    let keeper = FrameHolder()
    let world = try fullWorld(keeper)
    try world.front.publish(.closing)
    world.settle()
    let limit = world.machine.loop.now.advanced(by: VifDevice.closingLimit)
    _ = world.machine.loop.run(until: limit, unless: { false })
    #expect(world.device.state == .closing)
    #expect(world.device.vif.context.statistics.txAbandoned == 256)
    // Their holders still can read them.
    #expect(keeper.gather(7) == pattern(1000))
    for place in 0..<256 { keeper.end(place) }
    world.front.abandon()
    #expect(world.machine.counters.mappedPages == 0)
  }

  /// A guest that wants to close while its one frame is held.
  private func closingWorld(_ keeper: FrameHolder) throws -> (BackendWorld, TxSender) {
    let world = try BackendWorld(dataPath: .map, order: .completion, sink: keeper)
    try world.connect()
    let sender = TxSender(world.front.queues[0])
    _ = try sender.send(pattern(1000).span.octets)
    world.front.queues[0].tx.publish()
    world.settle()
    try world.front.publish(.closing)
    world.settle()
    return (world, sender)
  }

  @Test func `goes on with a guest that says Connected again meanwhile`() throws {
    let keeper = FrameHolder()
    let (world, sender) = try closingWorld(keeper)
    try world.front.publish(.connected)
    world.settle()
    _ = try sender.send(pattern(60).span.octets)
    world.front.queues[0].tx.publish()
    world.settle()
    #expect(try sender.collect().map(\.status) == [.okay])
    #expect(keeper.holders.count + keeper.refused == 2)
    #expect(world.device.state == .connected)
  }

  @Test func `takes no request while it waits`() throws {
    let keeper = FrameHolder()
    let (world, sender) = try closingWorld(keeper)
    _ = try sender.send(pattern(1000).span.octets)
    world.front.queues[0].tx.publish()
    world.settle()
    #expect(keeper.holders.count == 1)
    keeper.end(0)
    _ = world.worker.step(now: world.machine.loop.now)
    #expect(world.device.state == .closing)
  }
}

/// Keeps every frame that it may.
private final class FrameHolder: FrameSink {
  private(set) var holders: [Holder] = []
  private(set) var refused = 0
  var willTake: (() -> Void)?

  func deliver(_ batch: FrameBatch, queue: UInt16) {
    willTake?()
    for place in batch.frames.indices {
      if let frame = batch.keep(batch.frames[place]) {
        holders.append(Holder(frame))
      } else {
        refused += 1
      }
    }
  }

  func gather(_ place: Int) -> [UInt8] {
    var octets: [UInt8] = []
    holders[place].gather(in: &octets)
    return octets
  }

  func end(_ place: Int) { holders[place].end() }
}

/// A held frame in a place that can be shared.
private final class Holder: Sendable {
  private let frame: Mutex<HeldFrame?>

  init(_ frame: consuming HeldFrame) { self.frame = Mutex(frame) }

  func gather(in room: inout [UInt8]) {
    frame.withLock { frame in
      switch frame {
      case .some(let held): held.gather(in: &room)
      case nil: break
      }
    }
  }

  func end() { frame.withLock { $0 = nil } }
}
