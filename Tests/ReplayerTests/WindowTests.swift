import Recorder
import Replayer
import SimulatedXen
import Testing
import TraceFormat
import XenInterface
import XenRing

@Suite struct WindowTests {
  /// A recording whose second half begins with a snapshot, and where that is.
  private struct Halves {
    var first: Recorded
    var second: Recorded
    var octets: [UInt8] = []
    var middle: UInt64 { UInt64(first.events.count) }
    var end: UInt64 { middle + UInt64(second.events.count) }

    init() throws {
      let guest = try SimulatedGuest(.init(seed: 3))
      try guest.connect()
      for _ in 0..<3 { try guest.step() }
      first = try Self.steps(of: guest)
      second = try Self.steps(of: guest)
      let snapshot = try #require(second.header.vifs.first).encoded()
      let event = TraceEvent(
        time: second.events[0].event.time, origin: .fetched,
        .snapshot(length: UInt32(snapshot.count)))
      second.events.insert((event, snapshot), at: 0)
      let sink = MemorySink()
      var writer = try TraceWriter(first.header, to: sink)
      for (number, entry) in (first.events + second.events).enumerated() {
        try writer.append(entry.event, payload: entry.payload.span.octets)
        if number % 50 == 49 { try writer.flush() }
      }
      _ = try writer.finish()
      octets = sink.octets
    }

    private static func steps(of guest: SimulatedGuest) throws -> Recorded {
      try parse(try record(guest) { _ in for _ in 0..<4 { try guest.step() } })
    }
  }

  private let halves: Halves

  init() throws { halves = try Halves() }

  private func replay(_ part: Range<UInt64>) throws -> ReplayReport {
    let world = ReplayWorld(on: SimulatedMachine(seed: 1))
    return try Replayer(in: world).replay(part, of: MemorySource(halves.octets))
  }

  @Test func `a part is replayed from the last snapshot before it`() throws {
    let alone = try ReplayerTests.replay(halves.second)
    for begin in [halves.middle, halves.middle + 1, halves.end - 1] {
      let report = try replay(begin..<halves.end)
      #expect(report.diverged == 0 && report.cut == 0)
      #expect(report.recorded == UInt64(halves.second.events.count))
      #expect(report.matched == alone.matched)
    }
  }

  @Test func `a part before any snapshot is replayed from the beginning`() throws {
    let report = try replay(halves.middle - 1..<halves.middle)
    #expect(report.diverged == 0)
    #expect(report.recorded == halves.middle)
    #expect(report.matched == (try ReplayerTests.replay(halves.first).matched))
  }

  @Test func `a part ends before the event that bounds it`() throws {
    let report = try replay(halves.middle..<halves.middle + 10)
    #expect(report.diverged == 0)
    #expect(report.recorded == 10)
  }

  @Test func `what comes of a vif before its snapshot is cut, not unknown`() throws {
    var session = try ReplaySession(
      halves.first.header, in: ReplayWorld(on: SimulatedMachine(seed: 1)), atBeginning: false)
    for (number, entry) in halves.first.events.prefix(9).enumerated() {
      try session.take(entry.event, payload: entry.payload.span.octets, number: UInt64(number))
    }
    let report = session.finish()
    #expect(report.diverged == 0)
    #expect(report.cut == 9)
  }
}
