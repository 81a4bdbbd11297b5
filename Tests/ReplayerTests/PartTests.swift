import Netif
import Recorder
import Replayer
import SimulatedXen
import Testing
import TraceFormat
import XenInterface
import XenRing

@Suite struct PartTests {
  private let octets: [UInt8]
  private let trace: Recorded

  init() throws {
    octets = try record(.init(seed: 3), steps: 8, snapLength: 160)
    trace = try parse(octets)
  }

  private var count: UInt64 { UInt64(trace.events.count) }

  private func part(
    of octets: [UInt8], from: TracePoint? = nil, to: TracePoint? = nil
  ) throws -> ReplayReport {
    var options = ReplayOptions()
    options.from = from
    options.to = to
    return try Replayer(in: ReplayWorld(on: SimulatedMachine(seed: 1)), options: options)
      .replay(MemorySource(octets))
  }

  @Test func `from its first event on, a trace is judged as a whole`() throws {
    let whole = try replay(octets)
    #expect(try part(of: octets, from: .event(0)) == whole)
    #expect(try part(of: octets, from: .event(0), to: .event(count)) == whole)
  }

  @Test func `from any event on the rest is judged, and no more`() throws {
    let whole = try replay(octets)
    var last = whole
    for number in stride(from: 0, to: count, by: 37) {
      let report = try part(of: octets, from: .event(number))
      #expect(report.diverged == 0 && report.divergedBefore == 0)
      // A turn that is under way there is judged as a whole.
      #expect(report.recorded >= count - number)
      #expect(report.matched <= last.matched)
      #expect(report.packets <= last.packets)
      #expect(report.grants.copies <= last.grants.copies)
      last = report
    }
    #expect(last.matched < whole.matched)
  }

  @Test func `a replay ends at its place`() throws {
    let report = try part(of: octets, to: .event(count / 2))
    #expect(report.recorded == count / 2)
    #expect(report.diverged == 0)
  }

  @Test func `a difference before the place is counted, and not judged`() throws {
    var altered = trace
    let middle = trace.events[trace.events.count / 2].event.time
    let number = try altered.alterAnswer { $0.time < middle }
    let octets = try altered.octets()
    #expect(try part(of: octets).diverged == 1)
    #expect(try part(of: octets, from: .event(number)).diverged == 1)
    // Behind the turn that the answer belongs to.
    let end = try #require(
      altered.events[Int(number)...].firstIndex {
        if case .pollEnd(.tx, _, _, _) = $0.event.body { true } else { false }
      })
    let after = try part(of: octets, from: .event(UInt64(end) + 1))
    #expect(after.diverged == 0)
    #expect(after.divergedBefore == 1)
    #expect(after.divergences.isEmpty)
    #expect(after.firstTurn == nil)
    #expect(try part(of: octets, to: .event(number)).diverged == 0)
  }

  @Test func `a place that is not there, or behind the end, is refused`() throws {
    #expect(throws: ReplayError.placeBehindEnd(events: count)) {
      try part(of: octets, from: .event(count))
    }
    #expect(throws: ReplayError.emptyRange) {
      try part(of: octets, from: .event(9), to: .event(9))
    }
    #expect(throws: ReplayError.emptyRange) {
      try part(of: octets, from: .time(nanoseconds: .max), to: .event(4))
    }
  }

  @Test func `behind a gap a place is judged from once there is a snapshot`() throws {
    var broken = trace
    let middle = trace.events.count / 2
    let time = trace.events[middle].event.time
    broken.events[middle] = (TraceEvent(time: time, origin: .fetched, .gap(lost: 7)), [])
    let snapshot = try #require(trace.header.vifs.first).encoded()
    let event = TraceEvent(
      time: time, origin: .fetched, .snapshot(length: UInt32(snapshot.count)))
    broken.events = Array(broken.events[...(middle + 5)]) + [(event, snapshot)] + trace.events
    let octets = try broken.octets()
    let place = UInt64(middle)
    #expect(throws: ReplayError.noState(number: place + 3)) {
      try part(of: octets, from: .event(place + 3))
    }
    let matched = try replay(trace).matched
    for number in [place + 6, place + 7] {
      let report = try part(of: octets, from: .event(number))
      #expect(report.gaps.isEmpty)
      #expect(report.diverged == 0)
      #expect(report.matched == matched)
    }
    #expect(try part(of: octets, from: .event(place - 1)).gaps.count == 1)
  }
}

@Suite struct QueueChoiceTests {
  private func replay(_ octets: [UInt8], _ queues: QueueChoice...) throws -> ReplayReport {
    var options = ReplayOptions()
    options.queues = queues
    return try Replayer(in: ReplayWorld(on: SimulatedMachine(seed: 1)), options: options)
      .replay(MemorySource(octets))
  }

  @Test(arguments: [UInt16(0), 1])
  func `a queue is replayed by itself`(_ queue: UInt16) throws {
    let octets = try record(.init(seed: 3, queues: 2), steps: 12, snapLength: 160)
    let frames = try parse(octets).events.filter { entry in
      guard case .delivered = entry.event.body else { return false }
      return entry.event.queue == queue
    }
    let report = try replay(octets, QueueChoice(queue: queue))
    #expect(report.diverged == 0)
    #expect(report.frames == UInt64(frames.count))
    #expect(report.notReplayed > 0)
    #expect(try replay(octets, QueueChoice(vif: 0, queue: queue)) == report)
  }

  @Test func `what another queue did differently is not judged`() throws {
    var altered = try parse(try record(.init(seed: 3, queues: 2), steps: 12, snapLength: 160))
    _ = try altered.alterAnswer { $0.queue == 1 }
    let octets = try altered.octets()
    #expect(try replay(octets, QueueChoice(queue: 0)).diverged == 0)
    #expect(try replay(octets, QueueChoice(queue: 1)).diverged == 1)
    #expect(try replay(octets, QueueChoice(queue: 0), QueueChoice(queue: 1)).diverged == 1)
  }

  @Test func `a guest that was cut off at another queue is cut off`() throws {
    let octets = try recordViolation(.init(seed: 2, queues: 2))
    let events = try parse(octets).events
    let place = try #require(
      events.firstIndex { if case .disabled = $0.event.body { true } else { false } })
    #expect(events[place].event.queue == 0)
    #expect(events[place...].contains { $0.event.queue == 1 })
    #expect(try replay(octets, QueueChoice(queue: 1)).diverged == 0)
  }

  @Test(arguments: [QueueChoice(queue: 2), QueueChoice(vif: 1, queue: 0)])
  func `a queue that no vif has is refused`(_ queue: QueueChoice) throws {
    let octets = try record(.init(seed: 3, queues: 2), steps: 2, snapLength: 160)
    #expect(throws: ReplayError.noQueue(queue)) { try replay(octets, queue) }
  }
}
