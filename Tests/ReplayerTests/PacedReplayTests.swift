import Recorder
import Replayer
import SimulatedXen
import Testing
import TraceFormat
import XenInterface

@Suite struct PacedReplayTests {
  private let clock = ScriptedClock()

  private func replay(_ octets: [UInt8], by pacer: Pacer) throws -> ReplayReport {
    try Replayer(in: ReplayWorld(on: SimulatedMachine(seed: 1)))
      .replay(MemorySource(octets), pacer: pacer)
  }

  @Test(arguments: [1, 4])
  func `a paced replay lasts as long as the recording and comes to the same`(
    _ factor: UInt64
  ) throws {
    let octets = try record(.init(seed: 5), steps: 6, snapLength: 160)
    let times = try parse(octets).events.map(\.event.time.nanoseconds)
    let pacer = Pacer(try #require(ReplaySpeed(Double(factor))), by: clock)
    let report = try replay(octets, by: pacer)
    let fast = try ReplayerTests.replay(octets)
    #expect(report == fast)
    let length = try #require(times.max()) - (try #require(times.first))
    #expect(length > 0)
    #expect(clock.elapsed == (length + factor / 2) / factor)
    #expect(pacer.lateness.count == UInt64(times.count))
    #expect(pacer.lateness.max == 0)
  }

  @Test func `a wait that is given up ends the replay`() throws {
    let octets = try record(.init(seed: 5), steps: 6, snapLength: 160)
    clock.patience = 2
    let pacer = Pacer(.recorded, by: clock)
    let report = try replay(octets, by: pacer)
    #expect(report.recorded == pacer.lateness.count)
    #expect(report.recorded < UInt64(try parse(octets).events.count))
    #expect(report.isFaithful)
  }

  @Test func `progress is told after each event that was waited for`() throws {
    let octets = try record(.init(seed: 5), steps: 6, snapLength: 160)
    var tellings = 0
    let replayer = Replayer(in: ReplayWorld(on: SimulatedMachine(seed: 1)))
    _ = try replayer.replay(MemorySource(octets), pacer: Pacer(.recorded, by: clock)) { _ in
      tellings += 1
      return tellings < 3
    }
    #expect(clock.deadlines.count == 3)
  }
}

@Suite struct RoundsTests {
  @Test func `rounds are summed up, and the first difference is kept`() throws {
    let octets = try record(.init(seed: 5), steps: 2, snapLength: 160)
    let good = try replay(octets)
    var altered = try parse(octets)
    try altered.alterAnswer()
    let bad = try replay(altered)
    var sum = good
    sum.add(bad)
    sum.add(bad)
    #expect(sum.rounds == 3)
    #expect(sum.divergentRound == 2)
    #expect(sum.divergences == bad.divergences)
    #expect(sum.firstTurn == bad.firstTurn)
    #expect(sum.diverged == 2)
    #expect(sum.recorded == 3 * good.recorded)
    #expect(sum.independentShare == good.independentShare)
    #expect(sum.packets == 3 * good.packets)
    #expect(sum.grants.copies == 3 * good.grants.copies)
  }
}
