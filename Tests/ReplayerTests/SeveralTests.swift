import Netif
import Recorder
import Replayer
import SimulatedXen
import Testing
import TraceFormat
import XenInterface
import XenRing

@Suite struct SeveralTests {
  @Test(arguments: AnswerOrder.allCases)
  func `a trace of two queues is replayed queue by queue`(_ order: AnswerOrder) throws {
    let octets = try record(.init(seed: 3, queues: 2, order: order), steps: 12)
    try expectFaithful(octets) { $0.queue }
    try expectReported(octets, at: \.queue)
  }

  @Test func `a trace of two vifs is replayed vif by vif`() throws {
    let octets = try recordTwoVifs(steps: 12)
    try expectFaithful(octets) { $0.vif }
    try expectReported(octets, at: \.vif)
  }

  /// Both lanes have frames, and all goes as it was recorded.
  private func expectFaithful(
    _ octets: [UInt8], _ lane: (TraceEvent) -> UInt16
  ) throws {
    let trace = try parse(octets)
    var frames: [UInt16: Int] = [:]
    for (event, _) in trace.events {
      if case .delivered = event.body { frames[lane(event), default: 0] += 1 }
    }
    #expect(frames.count == 2)
    let report = try replay(octets)
    #expect(report.diverged == 0, "\(report.divergences.first.map { "\($0)" } ?? "")")
    #expect(report.frames == frames.values.reduce(0) { $0 + UInt64($1) })
  }

  /// What is altered in the second lane is reported there, and only there.
  private func expectReported(
    _ octets: [UInt8], at lane: KeyPath<TraceEvent, UInt16>
  ) throws {
    var trace = try parse(octets)
    let place = try trace.alterAnswer { $0[keyPath: lane] == 1 }
    let report = try replay(trace, on: SimulatedMachine(seed: 1))
    let divergence = try #require(report.divergences.first)
    #expect(report.diverged == 1)
    #expect(divergence.number == place)
    #expect((lane == \.queue ? divergence.queue : divergence.vif) == 1)
  }

  private func recordTwoVifs(steps: Int) throws -> [UInt8] {
    let guests = [try SimulatedGuest(.init(seed: 8)), try SimulatedGuest(.init(seed: 9))]
    let files = MemoryFiles()
    let recorder = try TapRecorder(
      guests.map(\.device), describedBy: .init(clock: .simulated), into: files,
      now: guests[0].now)
    for guest in guests { try guest.connect() }
    for _ in 0..<steps {
      for guest in guests { try guest.step() }
      _ = recorder.recording.tick(now: guests[0].now)
    }
    _ = try recorder.finish()
    return try #require(files.contents.first).octets
  }
}
