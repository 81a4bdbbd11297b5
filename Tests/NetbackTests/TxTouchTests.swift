import Netback
import Netif
import SimulatedXen
import TestSupport
import Testing
import TraceFormat
import XenInterface
import XenRing

/// Paths that map what lies behind a packet's first octets.
private let mapping = [DataPath.map, .mapLarge, .lazy, .header]

@Suite struct `Payloads that somebody touches` {
  @Test(arguments: DataPath.allCases)
  func `are counted by frames, where they are mapped`(_ path: DataPath) throws {
    let bench = try TxBench(path: path)
    bench.publish(bench.packet([1000, 2000]) + bench.packet([60]) + bench.packet([400]))
    bench.pollAll()
    #expect(bench.sink.frames.count == 3)
    #expect(bench.context.statistics.txTouched == (mapping.contains(path) ? 2 : 0))
  }

  @Test(arguments: mapping, [true, false])
  func `are none when nobody asks, and none when only a tap does`(
    _ path: DataPath, _ isWatched: Bool
  ) throws {
    let bench = try TxBench(path: path, sink: Untouching())
    let witness = Reading()
    if isWatched { bench.watch(with: witness) }
    bench.publish(bench.packet([1000, 2000]) + bench.packet([400]))
    bench.pollAll()
    #expect(witness.octets == (isWatched ? [3000, 400] : []))
    #expect(
      bench.context.statistics.txUnmappedPages
        == (isWatched || path == .map || path == .mapLarge ? 3 : 0))
    #expect(bench.context.statistics.txTouched == 0)
  }

  /// What is touched in spite of a tap is what would be mapped without one.
  @Test(arguments: [true, false])
  func `are those whose headers the backend has to read there`(_ isWatched: Bool) throws {
    let bench = try TxBench(path: .lazy, sink: Untouching())
    if isWatched { bench.watch(with: Reading()) }
    let frame = longHeaders(options: 120)
    bench.fill(page: 0, frame)
    bench.publish(
      [bench.request(size: UInt16(frame.count), flags: .checksumBlank).words]
        + bench.packet([1000, 2000]))
    bench.pollAll()
    #expect(bench.context.statistics.txTouched == 1)
    #expect(bench.machine.counters.mapCalls == (isWatched ? 2 : 1))
  }

  @Test func `are not counted before they are unmapped, and those of a failed map never`() throws {
    let bench = try TxBench(order: .completion, path: .lazy)
    bench.sink.willTake = { [unowned bench] in bench.revoke(page: 1) }
    bench.publish(bench.packet([1000]) + bench.packet([128, 400]))
    bench.pollAll()
    #expect(bench.context.statistics.txTouched == 0)
    let now = MonotonicInstant(nanoseconds: 0)
    for head: UInt32 in [0, 1] {
      _ = bench.queue.release(frame: RingIndex(rawValue: head), now: now)
    }
    #expect(bench.context.statistics.txTouched == 1)
    #expect(bench.context.statistics.txGrantFailures == 1)
  }
}

extension TxBench {
  fileprivate func watch(with witness: Reading) {
    context.watch(
      with: TraceTap(
        vif: 0, snapLength: 65535, receiver: witness, now: MonotonicInstant(nanoseconds: 0)))
  }
}

/// Notes how many octets of each frame it was shown.
private final class Reading: TraceReceiver {
  private(set) var octets: [Int] = []
  func receive(_ event: TraceEvent, payload: RawSpan) {
    if case .delivered = event.body { octets.append(payload.byteCount) }
  }
}
