import Recorder
import Replayer
import SimulatedXen
import TestSupport
import Testing
import TraceFormat
import XenInterface
import XenRing

@Suite struct WindowTests {
  /// A recording of two parts, the second of which is shorter and begins with a snapshot, and where that is.
  private struct Parts {
    var first: Recorded
    var second: Recorded
    var octets: [UInt8] = []
    var middle: UInt64 { UInt64(first.events.count) }
    var end: UInt64 { middle + UInt64(second.events.count) }

    init() throws {
      let guest = try SimulatedGuest(.init(seed: 3))
      try guest.connect()
      for _ in 0..<3 { try guest.step() }
      first = try Self.steps(40, of: guest)
      second = try Self.steps(4, of: guest)
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

    private static func steps(_ count: Int, of guest: SimulatedGuest) throws -> Recorded {
      try parse(try record(guest) { _ in for _ in 0..<count { try guest.step() } })
    }
  }

  private let parts: Parts

  init() throws { parts = try Parts() }

  /// Replays from a place on; says how much was read, too.
  private func replay(
    from point: TracePoint, to end: TracePoint? = nil, seeking: Bool = true
  ) throws -> (report: ReplayReport, octets: Int) {
    var options = ReplayOptions()
    options.from = point
    options.to = end
    let source = CountingSource(parts.octets, hasLength: seeking)
    let world = ReplayWorld(on: SimulatedMachine(seed: 1))
    let report = try Replayer(in: world, options: options).replay(source)
    return (report, source.octets)
  }

  @Test func `what is judged of a part is the same where what stands before it is not read`() throws
  {
    let begin = try #require(parts.second.events.first?.event.time).nanoseconds
    let first = try #require(parts.first.events.first?.event.time).nanoseconds
    let packets = parts.first.events.count { $0.event.isPacket }
    for point in [
      .event(parts.middle), .event(parts.middle + 40), .time(nanoseconds: begin - first + 1),
      .packet(UInt64(packets) + 20),
    ] as [TracePoint] {
      let (part, read) = try replay(from: point)
      let (whole, all) = try replay(from: point, seeking: false)
      #expect(part == whole, "\(point)")
      #expect(part.diverged == 0 && part.matched > 50, "\(point)")
      #expect(read < all / 2, "\(point)")
    }
  }

  @Test func `a part before any snapshot is replayed from the beginning`() throws {
    let point = TracePoint.event(parts.middle - 60)
    let part = try replay(from: point, to: .event(parts.middle)).report
    #expect(part == (try replay(from: point, to: .event(parts.middle), seeking: false).report))
    #expect(part.diverged == 0)
  }

  @Test func `what comes of a vif before its snapshot is cut, not unknown`() throws {
    var session = try ReplaySession(
      parts.first.header, in: ReplayWorld(on: SimulatedMachine(seed: 1)), atBeginning: false)
    for (number, entry) in parts.first.events.prefix(9).enumerated() {
      try session.take(entry.event, payload: entry.payload.span.octets, number: UInt64(number))
    }
    let report = session.finish()
    #expect(report.diverged == 0)
    #expect(report.cut == 9)
  }
}

extension TraceEvent {
  fileprivate var isPacket: Bool {
    switch body {
    case .delivered, .taken, .dropped: true
    default: false
    }
  }
}
