import Netif
import Recorder
import Replayer
import SimulatedXen
import Testing
import TraceFormat
import XenInterface
import XenRing

@Suite struct JointReplayTests {
  private let clock = ScriptedClock()

  private func replay(
    _ traces: [[UInt8]], by alignment: JointReplay.Alignment,
    options: ReplayOptions = ReplayOptions(), pacer: Pacer? = nil
  ) throws -> [ReplayReport] {
    let machine = SimulatedMachine(seed: 1)
    let parts = traces.enumerated().map { place, octets in
      JointReplay.Part(
        MemorySource(octets),
        in: ReplayWorld(on: machine, guest: DomainID(rawValue: UInt16(place + 1))),
        options: options)
    }
    return try JointReplay(by: alignment).replay(parts, pacer: pacer)
  }

  /// A trace of notes, each a time.
  private func notes(_ times: UInt64..., clock: TraceHeader.Clock = .monotonic) throws -> [UInt8] {
    let header = TraceHeader(
      source: .byHand, clock: clock, profile: .linux, snapLength: 0, tool: "test", vifs: [])
    let events = times.map { time -> (event: TraceEvent, payload: [UInt8]) in
      let instant = MonotonicInstant(nanoseconds: time)
      return (TraceEvent(time: instant, origin: .observed, .note(length: 0)), [])
    }
    return try Recorded(header: header, events: events).octets()
  }

  @Test(arguments: JointReplay.Alignment.allCases)
  func `each trace comes to what it comes to alone`(_ alignment: JointReplay.Alignment) throws {
    let traces = try (1...3).map { try record(.init(seed: $0), steps: 6, snapLength: 160) }
    let alone = try traces.map { try ReplayerTests.replay($0) }
    #expect(try replay(traces, by: alignment) == alone)
  }

  @Test(arguments: [
    (JointReplay.Alignment.clock, [10 as UInt64, 30, 35, 40, 45]), (.start, [5, 10, 15, 40]),
  ])
  func `events are interleaved by the clock, or from each start`(
    _ alignment: JointReplay.Alignment, _ deadlines: [UInt64]
  ) throws {
    let traces = try [notes(100, 110, 140), notes(130, 135, 145)]
    let reports = try replay(traces, by: alignment, pacer: Pacer(.recorded, by: clock))
    #expect(clock.deadlines == deadlines)
    #expect(reports.map(\.recorded) == [3, 3])
  }

  @Test func `an earlier time does not change the order within a trace`() throws {
    let traces = try [notes(100, 150, 120), notes(140)]
    _ = try replay(traces, by: .clock, pacer: Pacer(.recorded, by: clock))
    #expect(clock.deadlines == [40, 50])
  }

  @Test func `all begin together where they are judged from`() throws {
    var options = ReplayOptions()
    options.from = .event(2)
    let traces = try [notes(100, 110, 140, 141), notes(930, 935, 945, 947)]
    _ = try replay(traces, by: .start, options: options, pacer: Pacer(.recorded, by: clock))
    #expect(clock.deadlines == [1, 2])
  }

  @Test func `a trace that is no good is named`() throws {
    let good = try notes(1)
    #expect(throws: JointReplay.Failure(trace: 1, reason: .trace(.notATrace))) {
      try replay([good, [UInt8](repeating: 7, count: 100)], by: .start)
    }
  }

  @Test func `traces of different clocks have no common time`() throws {
    let traces = try [notes(1), notes(1), notes(1, clock: .simulated)]
    #expect(throws: JointReplay.Failure(trace: 2, reason: .otherClock)) {
      try replay(traces, by: .clock)
    }
    #expect(try replay(traces, by: .start).count == 3)
  }

  @Test func `a difference is told of the trace that has it`() throws {
    let good = try record(.init(seed: 5), steps: 4, snapLength: 160)
    var altered = try parse(good)
    let number = try altered.alterAnswer()
    let reports = try replay([good, altered.octets()], by: .start)
    #expect(reports.map(\.diverged) == [0, 1])
    #expect(reports[1].divergences.first?.number == number)
  }
}
