import Netif
import TestSupport
import Testing
import TraceFormat
import XenInterface
import XenRing

@Suite struct WriterTests {
  private func release(_ index: UInt32, at time: UInt64 = 0) -> TraceEvent {
    TraceEvent(
      time: MonotonicInstant(nanoseconds: time), origin: .fetched,
      .release(index: RingIndex(rawValue: index)))
  }

  @Test func `an event waits a second at most`() throws {
    let sink = MemorySink()
    var writer = try TraceWriter(fullHeader(), to: sink)
    let start = sink.octets.count
    try writer.append(release(1))
    for now in [5, 6, 1_000_000_004] as [UInt64] {
      try writer.flushIfDue(now: MonotonicInstant(nanoseconds: now))
      #expect(sink.octets.count == start)
    }
    try writer.flushIfDue(now: MonotonicInstant(nanoseconds: 1_000_000_005))
    #expect(sink.octets.count > start)
    #expect(try read(sink.octets).samples.count == 1)
    _ = try writer.finish()
  }

  @Test func `what was lost stands as a gap before the next event`() throws {
    let sink = MemorySink()
    var writer = try TraceWriter(fullHeader(), to: sink)
    writer.countLost(3)
    writer.countLost(4)
    try writer.append(release(1, at: 9))
    writer.countLost(1)
    let statistics = try writer.finish()
    let bodies = try read(sink.octets).samples.map(\.event.body)
    #expect(
      bodies == [
        .gap(lost: 7), .release(index: RingIndex(rawValue: 1)), .gap(lost: 1),
      ])
    #expect(statistics.lost == 8)
    #expect(statistics.events == 3)
  }

  @Test func `a payload of another length than the event says is refused`() throws {
    var writer = try TraceWriter(fullHeader(), to: MemorySink())
    #expect(throws: TraceWriteError.payloadMismatch(expected: 0, actual: 1)) {
      try writer.append(release(1), payload: ([1] as [UInt8]).span.octets)
    }
    _ = try writer.finish()
  }

  @Test func `times are rounded down to the header's unit`() throws {
    var header = fullHeader()
    header.timeUnit = 1_000
    let samples = [1_999, 2_000, 500].map { Sample(event: release(0, at: $0)) }
    let times = try read(try written(samples, header: header)).samples.map {
      $0.event.time.nanoseconds
    }
    #expect(times == [1_000, 2_000, 0])
  }

  @Test func `a frame made of guest memory that is there takes no payload`() throws {
    var random = SeededGenerator(seed: 3)
    let halves = (0..<2).map { _ in (0..<700).map { _ in UInt8.random(in: 0...255, using: &random) }
    }
    let memory = halves.map { half in
      Sample(
        event: TraceEvent(
          time: MonotonicInstant(nanoseconds: 0), origin: .fetched,
          .memory(
            .init(
              grant: GrantReference(rawValue: 8), offset: 0, length: 700, captured: 700))),
        payload: half)
    }
    let frame = Sample(
      event: TraceEvent(
        time: MonotonicInstant(nanoseconds: 0), origin: .fetched,
        .delivered(
          .init(length: 1_400, captured: 1_400, offload: FrameOffload()),
          request: RingIndex(rawValue: 0))),
      payload: halves[0] + halves[1])
    let without = try written(memory)
    let with = try written(memory + [frame, memory[0], frame])
    #expect(with.count < without.count + 60)
    #expect(try read(with).samples == memory + [frame, memory[0], frame])
  }

  @Test func `more vifs and queues than a block holds take another block`() throws {
    let samples = (0..<1_000).map { number in
      Sample(
        event: TraceEvent(
          time: MonotonicInstant(nanoseconds: 0), vif: UInt16(number % 600), origin: .fetched,
          .release(index: RingIndex(rawValue: UInt32(number)))))
    }
    #expect(try read(try written(samples)).samples == samples)
  }

  @Test func `snapshots travel as events`() throws {
    for vif in fullHeader().vifs {
      let octets = vif.encoded()
      #expect(try VifSnapshot(encoded: octets.span.octets) == vif)
    }
  }
}
