import Replayer
import Testing
import XenInterface

@Suite struct PacerTests {
  private let clock = ScriptedClock()

  private func pacer(_ factor: Double = 1) throws -> Pacer {
    Pacer(try #require(ReplaySpeed(factor)), by: clock)
  }

  @Test(arguments: [
    (1.0, [10 as UInt64, 250, 1_000_000]), (2.0, [5, 125, 500_000]),
    (0.5, [20, 500, 2_000_000]), (3.0, [3, 83, 333_333]),
  ])
  func `an event is due as long after the first one as the speed has it`(
    _ factor: Double, _ expected: [UInt64]
  ) throws {
    let pacer = try pacer(factor)
    for time: UInt64 in [700, 710, 950, 1_000_700] { #expect(pacer.wait(time)) }
    #expect(clock.deadlines == expected)
    #expect(clock.elapsed == expected.last)
    #expect(pacer.lateness.max == 0)
  }

  @Test func `what one event is late, those behind it are not`() throws {
    let pacer = try pacer()
    clock.oversleep = 70
    for time in 0...1000 { #expect(pacer.wait(UInt64(time) * 1000)) }
    #expect(clock.deadlines == (1...1000).map { $0 * 1000 })
    #expect(clock.elapsed == 1_000_070)
    #expect(pacer.lateness.count == 1001)
    #expect(pacer.lateness.max == 70)
  }

  @Test func `what is due already is not waited for, and counted as late`() throws {
    let pacer = try pacer()
    #expect(pacer.wait(0))
    clock.pass(500)
    #expect(pacer.wait(200))
    #expect(!pacer.hasWaited)
    #expect(pacer.lateness.max == 300)
    #expect(pacer.wait(600))
    #expect(pacer.hasWaited)
    #expect(clock.deadlines == [600])
    #expect(pacer.lateness.count == 3)
  }

  @Test func `an event whose time is before that of an earlier one is due with it`() throws {
    let pacer = try pacer()
    for time: UInt64 in [100, 500, 300, 0, 510] { #expect(pacer.wait(time)) }
    #expect(clock.deadlines == [400, 410])
    #expect(pacer.lateness.max == 0)
  }

  @Test func `a further round begins with its first event`() throws {
    let pacer = try pacer(2)
    clock.oversleep = 9
    for _ in 0..<3 {
      pacer.beginRound()
      for time: UInt64 in [40, 60, 140] { #expect(pacer.wait(time)) }
    }
    #expect(clock.deadlines == [10, 50, 69, 109, 128, 168])
    #expect(pacer.lateness.max == 9)
  }

  @Test func `a wait that is given up is no event`() throws {
    let pacer = try pacer()
    clock.patience = 1
    #expect(pacer.wait(0))
    #expect(pacer.wait(1))
    #expect(!pacer.wait(2))
    #expect(pacer.lateness.count == 2)
  }

  @Test func `no time is too far away`() throws {
    let pacer = try pacer(ReplaySpeed.range.lowerBound)
    #expect(pacer.wait(0))
    #expect(pacer.wait(.max))
    #expect(clock.now.nanoseconds == .max)
  }

  @Test(arguments: [0, -1, .infinity, .nan, 1e-7, 1e7])
  func `a speed that nobody means is none`(_ factor: Double) {
    #expect(ReplaySpeed(factor) == nil)
  }
}

@Suite struct LatenessTests {
  @Test func `percentiles are those of the values`() {
    var lateness = Lateness()
    #expect(lateness.percentile(50) == 0)
    for value: UInt64 in 1...60 { lateness.note(value) }
    #expect(lateness.percentile(0) == 1)
    #expect(lateness.percentile(50) == 30)
    #expect(lateness.percentile(99) == 60)
    lateness.note(1_000_000)
    #expect(lateness.percentile(99) == 1_000_000)
    #expect(lateness.max == 1_000_000)
    #expect(lateness.count == 61)
  }

  @Test(arguments: [
    0, 63, 64, 65, 127, 128, 1_000, 123_456_789, UInt64.max / 2, UInt64.max - 1, UInt64.max,
  ])
  func `a percentile is too great by a 32nd at most`(_ value: UInt64) {
    var lateness = Lateness()
    lateness.note(value)
    lateness.note(.max)
    let told = lateness.percentile(50)
    #expect(told >= value)
    #expect(told - value <= value / 32)
  }
}
