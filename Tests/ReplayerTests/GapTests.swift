import Netif
import Recorder
import Replayer
import SimulatedXen
import Testing
import TestSupport
import TraceFormat
import XenInterface
import XenRing

@Suite struct GapTests {
  @Test func `a replay ends at a gap and says so`() throws {
    var recorded = try parse(try record(.init(seed: 3), steps: 8, snapLength: 160))
    let middle = recorded.events.count / 2
    let time = recorded.events[middle].event.time
    recorded.events[middle] = (TraceEvent(time: time, origin: .fetched, .gap(lost: 7)), [])
    let report = try replay(recorded, on: SimulatedMachine(seed: 1))
    #expect(report.diverged == 0)
    #expect(report.gaps.map(\.number) == [UInt64(middle)])
    #expect(report.gaps.map(\.lost) == [7])
    #expect(report.cut > 0)
    #expect(report.matched > 100)
  }

  @Test func `a replay goes on at the snapshot behind a gap`() throws {
    let guest = try SimulatedGuest(.init(seed: 3))
    try guest.connect()
    for _ in 0..<3 { try guest.step() }
    let first = try recordedSteps(of: guest)
    try guest.step()
    var second = try recordedSteps(of: guest)
    let snapshot = try #require(second.header.vifs.first).encoded()
    let time = second.events[0].event.time
    second.events.insert(
      (
        TraceEvent(time: time, origin: .fetched, .snapshot(length: UInt32(snapshot.count))),
        snapshot
      ), at: 0)
    second.events.insert((TraceEvent(time: time, origin: .fetched, .gap(lost: 7)), []), at: 0)
    let whole = Recorded(header: first.header, events: first.events + second.events)
    let report = try replay(whole, on: SimulatedMachine(seed: 1))
    #expect(report.diverged == 0, "\(report.divergences.first.map { "\($0)" } ?? "")")
    #expect(report.gaps.count == 1)
    let parts = try [first, second].map { try replay($0, on: SimulatedMachine(seed: 1)).matched }
    #expect(report.matched == parts[0] + parts[1])
  }

  private func recordedSteps(of guest: SimulatedGuest) throws -> Recorded {
    try parse(try record(guest) { _ in for _ in 0..<4 { try guest.step() } })
  }

  @Test func `a turn that never ends is given up and counted`() throws {
    let header = TraceHeader(
      source: .inProcess, clock: .simulated, profile: .linux, snapLength: 0, tool: "test",
      vifs: [
        VifSnapshot(
          domain: DomainID(rawValue: 1), handle: VifHandle(rawValue: 0),
          queues: [QueueSnapshot()])
      ])
    var session = try ReplaySession(header, in: ReplayWorld(on: SimulatedMachine(seed: 1)))
    let slot = TraceEvent(
      time: MonotonicInstant(nanoseconds: 0), origin: .fetched,
      .slot(ring: .tx, index: RingIndex(rawValue: 0), .init(1, 2, 3)))
    for number in 0..<UInt64(70_000) {
      try session.take(slot, payload: RawSpan(), number: number)
    }
    #expect(session.report.cut == 65_536)
    #expect(session.finish().cut == 70_000)
  }
}
