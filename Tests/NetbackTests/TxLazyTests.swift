import Netback
import Netif
import SimulatedXen
import TestSupport
import Testing
import TraceFormat
import XenInterface
import XenRing

private let okay = NetifStatus.okay
private let error = NetifStatus.error

@Suite struct `Packets whose data is mapped when it is touched` {
  @Test func `a frame whose octets nobody asks for maps nothing`() throws {
    let bench = try TxBench(path: .lazy, sink: Untouching())
    bench.publish(bench.packet([100, 200, 300]) + bench.packet([4000]))
    bench.pollAll()
    #expect(bench.machine.counters.mapCalls == 0)
    #expect(bench.statuses() == [okay, okay, okay, okay])
    #expect(bench.context.statistics.txUnmapBatches == 0)
  }

  @Test func `a frame that is touched maps all its pages with one call, until it is answered`()
    throws
  {
    let bench = try TxBench(order: .completion, path: .lazy)
    bench.publish(bench.packet([100, 200, 300]))
    bench.pollAll()
    let counters = bench.machine.counters
    #expect((counters.mapCalls, counters.mapOperations, counters.mappedPages) == (1, 2, 2))
    #expect(
      bench.sink.frames.map(\.octets) == [
        pattern(100) + pattern(200, from: 1) + pattern(300, from: 2)
      ])
    _ = bench.queue.release(
      frame: RingIndex(rawValue: 0), now: MonotonicInstant(nanoseconds: 0))
    #expect(bench.machine.counters.mappedPages == 0)
    #expect(bench.statuses() == [okay, okay, okay])
  }

  @Test(arguments: AnswerOrder.allCases)
  func `a page that is withdrawn before it is touched loses the packet, and its slot says so`(
    _ order: AnswerOrder
  ) throws {
    let bench = try TxBench(order: order, path: .lazy)
    bench.sink.willTake = { [unowned bench] in bench.revoke(page: 2) }
    bench.publish(bench.packet([128, 200, 300, 400]))
    bench.pollAll()
    let now = MonotonicInstant(nanoseconds: 0)
    if order == .completion { _ = bench.queue.release(frame: RingIndex(rawValue: 0), now: now) }
    #expect(bench.sink.frames.isEmpty)
    #expect(bench.answers().sorted { $0.id < $1.id }.map(\.status) == [okay, okay, error, okay])
    #expect(bench.context.statistics.txGrantFailures == 1)
    #expect(bench.machine.counters.mappedPages == 0)
  }

  @Test func `who keeps a fragment beyond its frame reaches nothing by it`() throws {
    let keeper = KeepingSink()
    let bench = try TxBench(path: .lazy, sink: keeper)
    bench.publish(bench.packet([100, 200]))
    bench.pollAll()
    let fragment = try #require(keeper.fragment)
    var octets = [UInt8](repeating: 0, count: 200)
    var storage = octets.mutableSpan
    var bytes = storage.octets
    let isReached = fragment.copyOctets(into: &bytes)
    #expect(!isReached)
    #expect(bench.machine.counters.mapCalls == 0)
  }

  /// A recorder is to see all octets.
  @Test func `a vif that is watched maps at once`() throws {
    let bench = try TxBench(path: .lazy, sink: Untouching())
    bench.context.watch(
      with: TraceTap(
        vif: 0, snapLength: 0, receiver: Deaf(), now: MonotonicInstant(nanoseconds: 0)))
    bench.publish(bench.packet([100, 200]))
    bench.pollAll()
    #expect(bench.machine.counters.mapOperations == 1)
    #expect(bench.machine.counters.mappedPages == 0)
  }
}

/// Looks at no octet.
final class Untouching: FrameSink {
  func deliver(_ batch: FrameBatch, queue: UInt16) {}
}

/// Hears nothing.
private final class Deaf: TraceReceiver {
  func receive(_ event: TraceEvent, payload: RawSpan) {}
}

/// Keeps what it must not.
private final class KeepingSink: FrameSink {
  var fragment: FrameFragment?
  func deliver(_ batch: FrameBatch, queue: UInt16) {
    fragment = batch.fragments(batch.frames[0])[0]
  }
}
