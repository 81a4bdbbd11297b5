import Netback
import Netif
import SimulatedXen
import TestSupport
import Testing
import XenInterface
import XenRing

private let okay = NetifStatus.okay
private let error = NetifStatus.error

@Suite struct `Packets whose data is mapped` {
  @Test func `the first 128 octets are copied across slots, the rest is mapped with one call`()
    throws
  {
    let bench = try TxBench(order: .completion, path: .map)
    bench.publish(bench.packet([100, 200, 300]))
    bench.pollAll()
    #expect(bench.grants.copies.map(\.length) == [100, 28])
    let counters = bench.machine.counters
    #expect(counters.mapCalls == 1)
    #expect(counters.mapOperations == 2)
    #expect(
      bench.sink.frames.map(\.octets) == [
        pattern(100) + pattern(200, from: 1) + pattern(300, from: 2)
      ])
    #expect(bench.statuses() == [okay])
  }

  @Test func `a frame's pages are mapped until it is released, and its slots wait`() throws {
    let bench = try TxBench(order: .completion, path: .map)
    bench.publish(bench.packet([100, 200, 300]) + bench.packet([1000]))
    bench.pollAll()
    #expect(bench.machine.counters.mappedPages == 3)
    #expect(bench.queue.heldSlotCount == 3)
    _ = bench.queue.release(frame: RingIndex(rawValue: 3), now: bench.now)
    #expect(bench.machine.counters.mappedPages == 2)
    _ = bench.queue.release(frame: RingIndex(rawValue: 0), now: bench.now)
    #expect(bench.machine.counters.mappedPages == 0)
    #expect(bench.answers().map(\.id) == [0, 0, 1, 2])
  }

  /// A guest that finds a page mapped when it has its answer gives its interface up.
  @Test(arguments: [AnswerOrder.ring, .completion])
  func `nothing is mapped any more when an answer is published`(_ order: AnswerOrder) throws {
    let bench = try TxBench(order: order, path: .map)
    var mapped: [Int] = []
    bench.memory.willStore = { [machine = bench.machine] offset in
      if offset == RingLayout.responseProducer { mapped.append(machine.counters.mappedPages) }
    }
    bench.publish(bench.packet([1000, 2000]))
    bench.pollAll()
    _ = bench.queue.release(frame: RingIndex(rawValue: 0), now: bench.now)
    #expect(bench.statuses() == [okay, okay])
    #expect(mapped.count { $0 == 0 } == mapped.count && !mapped.isEmpty)
    bench.memory.willStore = nil
  }

  @Test func `the pages of all frames of a poll are unmapped together`() throws {
    let bench = try TxBench(path: .map)
    bench.publish((0..<10).flatMap { _ in bench.packet([1000, 2000]) })
    bench.pollAll()
    #expect(bench.context.statistics.txUnmapBatches == 1)
    #expect(bench.context.statistics.txUnmappedPages == 20)
    #expect(bench.machine.counters.mappedPages == 0)
    #expect(bench.statuses() == [NetifStatus](repeating: okay, count: 20))
  }

  @Test(arguments: [(256, 0), (257, 1)])
  func `map-large copies a packet of 256 octets and maps one of 257`(
    _ size: Int, _ maps: Int
  ) throws {
    let bench = try TxBench(path: .mapLarge)
    bench.publish(bench.packet([UInt16(size)]))
    bench.pollAll()
    #expect(bench.machine.counters.mapCalls == maps)
    #expect(bench.sink.frames.map(\.octets) == [pattern(size)])
  }

  @Test(arguments: 0..<3)
  func `a slot that cannot be mapped loses the packet, and is the only one that says so`(
    _ bad: Int
  ) throws {
    let bench = try TxBench(order: .completion, path: .map)
    var slots = bench.packet([128, 200, 300, 400])
    var request = TxRequest(words: slots[bad + 1])
    request.grant = TxBench.badGrant
    slots[bad + 1] = request.words
    bench.publish(slots + bench.packet([60]))
    bench.pollAll()
    let wanted = (0..<4).map { $0 == bad + 1 ? error : okay }
    #expect(bench.answersByID(first: 4) == wanted)
    #expect(bench.sink.frames.map(\.octets.count) == [60])
    #expect(bench.machine.counters.mappedPages == 0)
  }

  /// A frame without what could not be mapped would be another frame.
  @Test func `pages that cannot be mapped together but each alone lose the packet`() throws {
    let bench = try TxBench(order: .completion, path: .map)
    bench.machine.tell([GrantLie(.map, number: 0, answer: .status(.tryAgain))])
    bench.publish(bench.packet([128, 200, 300]) + bench.packet([60]))
    bench.pollAll()
    #expect(bench.answersByID(first: 3) == [okay, error, error])
    #expect(bench.sink.frames.map(\.octets.count) == [60])
    #expect(bench.machine.counters.mappedPages == 0)
  }

  /// Linux answers a slot with an error whose page it has mapped, when what it copied of it failed.
  @Test func `a shared slot whose copy fails says so, though its page could be mapped`() throws {
    let bench = try TxBench(order: .completion, path: .map)
    bench.machine.tell([GrantLie(.copy, number: 0, answer: .status(.generalError))])
    bench.publish(bench.packet([500, 600]))
    bench.pollAll()
    #expect(bench.answersByID(first: 2) == [error, okay])
    #expect(bench.sink.frames.isEmpty)
    #expect(bench.machine.counters.mappedPages == 0)
  }

  /// Linux pulls headers out of what it has mapped as far as it reads them.
  @Test(arguments: DataPath.allCases)
  func `headers that reach beyond 128 octets are read`(_ path: DataPath) throws {
    let bench = try TxBench(path: path)
    let frame = longHeaders(options: 120)
    bench.fill(page: 0, frame)
    bench.publish([bench.request(size: UInt16(frame.count), flags: .checksumBlank).words])
    bench.pollAll()
    #expect(bench.sink.frames.map(\.offload.checksum) == [.partial])
    #expect(bench.sink.frames.map(\.octets) == [frame])
    #expect(bench.statuses() == [okay])
  }

  @Test(arguments: DataPath.allCases)
  func `a frame whose headers say that they go on behind its end is dropped`(
    _ path: DataPath
  ) throws {
    let bench = try TxBench(path: path)
    let frame = Array(longHeaders(options: 1000).prefix(600))
    bench.fill(page: 0, frame)
    bench.publish([bench.request(size: UInt16(frame.count), flags: .checksumBlank).words])
    bench.pollAll()
    #expect(bench.sink.frames.isEmpty)
    #expect(bench.statuses() == [okay])
    #expect(bench.machine.counters.mappedPages == 0)
  }

  @Test func `256 frames are outstanding, and nothing of them is left when the queue goes`() throws
  {
    let machine: SimulatedMachine
    do {
      let bench = try TxBench(order: .completion, path: .map)
      machine = bench.machine
      for _ in 0..<4 {
        // Xen maps a page so often and not oftener.
        bench.publish((0..<64).map { bench.request(page: $0 % 24, size: 1000).words })
        bench.pollAll()
      }
      #expect(machine.counters.mappedPages == 256)
      #expect(bench.queue.heldSlotCount == 256)
      #expect(bench.statuses().isEmpty)
    }
    #expect(machine.counters.mappedPages == 0)
  }
}

extension TxBench {
  fileprivate var now: MonotonicInstant { MonotonicInstant(nanoseconds: 0) }

  /// The statuses of the first answers, in the order of their ids.
  fileprivate func answersByID(first count: Int) -> [NetifStatus] {
    answers().prefix(count).sorted { $0.id < $1.id }.map(\.status)
  }
}
