import Netif
import Replayer
import TestSupport
import Testing
import TraceFormat
import XenInterface
import XenRing

@Suite struct `A diagnosis of a written trace` {
  /// A ring whose requests are taken, and not answered.
  private static var taken: QueueSnapshot.Indices {
    var indices = QueueSnapshot.Indices()
    indices.requestProducer = ringIndex(4)
    indices.requestConsumer = ringIndex(4)
    return indices
  }

  @Test(arguments: [UInt32(0), 0xffff_fffe])
  func `tells a notification that is missing by the requests that crossed the event index`(
    _ start: UInt32
  ) throws {
    var trace = WrittenTrace { $0.tx = .init(startingAt: ringIndex(start)) }
    trace.at(0, .pollBegins, .armed(start &+ 1), .pollEnds(taken: start, answered: start))
    trace.at(2, .published(start &+ 3))
    trace.at(6, .pollBegins)
    let report = trace.finish()
    let stall = try #require(report.stalls.first)
    #expect(stall.cause == .lostNotification(to: .backend))
    #expect(stall.begin == TracePlace(number: 3, elapsed: 2_000_000_000))
    #expect(stall.end == TracePlace(number: 4, elapsed: 6_000_000_000))
  }

  @Test func `names a ring of which every slot is taken and none is answered`() throws {
    var trace = WrittenTrace()
    trace.at(0, .published(256))
    trace.at(0.5, .pollBegins, .pollEnds(taken: 256, answered: 0))
    trace.at(6, .answered(1))
    let stall = try #require(trace.finish().stalls.first)
    #expect(stall.cause == .ringFull)
    #expect(stall.begin == TracePlace(number: 0, elapsed: 0))
    #expect(stall.seconds == 6)
    #expect(stall.ending == .moved)
    #expect(
      Set(stall.facts) == [
        .requestProducer(ringIndex(256)), .requestConsumer(ringIndex(256)),
        .responseProducer(ringIndex(0)),
      ])
  }

  @Test func `tells a backend that was told and sleeps on`() throws {
    var trace = WrittenTrace()
    trace.at(0, .pollBegins, .armed(1), .pollEnds(taken: 0, answered: 0))
    trace.at(2, .published(3), .notification(ring: .tx, by: .frontend))
    trace.at(6, .pollBegins)
    let report = trace.finish()
    let stall = try #require(report.stalls.first)
    #expect(stall.cause == .backendAsleep)
    #expect(stall.facts.last == .backendTold)
    #expect(!report.untold.contains(.frontendNotifications))
  }

  @Test func `tells a backend that sleeps until a request that is not published`() throws {
    var trace = WrittenTrace()
    trace.at(0, .pollBegins, .armed(9), .pollEnds(taken: 0, answered: 0))
    trace.at(2, .published(3))
    trace.at(6, .pollBegins)
    let report = trace.finish()
    let stall = try #require(report.stalls.first)
    #expect(stall.cause == .eventIndexNotPassed(of: .backend))
    #expect(stall.facts.contains(.requestEvent(ringIndex(9))))
  }

  @Test func `tells a backend that left work, but not whom it waits for, where events do not`()
    throws
  {
    var trace = WrittenTrace(from: .kernelTap)
    trace.at(0, .pollBegins, .published(3), .pollEnds(taken: 1, answered: 1))
    trace.at(6, .pollBegins)
    let report = trace.finish()
    let stall = try #require(report.stalls.first)
    #expect(stall.cause == .backendAsleep)
    #expect(stall.untold == [.requestEvents, .frontendNotifications])
    #expect(
      report.untold == [
        .frontendNotifications, .backendNotifications, .requestEvents, .responseEvents,
        .laterRequests, .waitingFrames,
      ])
  }

  @Test func `tells frames that wait by a poll that hands none over`() throws {
    var trace = WrittenTrace(from: .inProcess)
    let frame = TraceEvent.FrameRecord(length: 9000, captured: 0, offload: FrameOffload())
    trace.at(0, .published(2, .rx), .taken(frame))
    trace.at(
      10, .pollBegin(ring: .rx, budget: 0),
      .pollEnd(ring: .rx, consumer: ringIndex(0), producer: ringIndex(0), packets: 0))
    let report = trace.finish()
    let stall = try #require(report.stalls.first)
    #expect(stall.cause == .noRxBuffers)
    #expect(stall.seconds == 10)
    #expect(!stall.takesCarrier)
    #expect(stall.untold.isEmpty)
    #expect(stall.proofs.last?.place.number == 3)
    #expect(
      stall.facts == [
        .requestConsumer(ringIndex(0)), .frameWaits(needed: 3), .requestProducer(ringIndex(2)),
        .framesExpired(1),
      ])
  }

  @Test func `sees in a kernel's snapshot what stands still while it records`() throws {
    var trace = WrittenTrace(from: .kernelTap)
    var vif = VifSnapshot(domain: DomainID(rawValue: 5), handle: VifHandle(rawValue: 1))
    var queue = QueueSnapshot()
    queue.tx.requestProducer = ringIndex(5)
    queue.queuedFrames = 3
    vif.queues = [queue]
    trace.at(0, .connected(queues: 1))
    trace.at(0, vif)
    trace.at(59, .quiet)
    let stalls = trace.finish().stalls
    #expect(stalls.map(\.cause) == [.lostNotification(to: .backend), .noRxBuffers])
    #expect(stalls.allSatisfy { $0.seconds == 59 && $0.ending == .traceEnded })
    #expect(stalls.allSatisfy { $0.begin.number == 1 && $0.handle.rawValue == 1 })
  }

  @Test(arguments: [UInt32(17), 18])
  func `does not guess what frames need that it has not seen`(
    _ offered: UInt32
  ) {
    var trace = WrittenTrace(from: .kernelTap)
    var vif = VifSnapshot(domain: DomainID(rawValue: 5), handle: VifHandle(rawValue: 0))
    var queue = QueueSnapshot()
    queue.rx.requestProducer = ringIndex(offered)
    queue.queuedFrames = 1
    vif.queues = [queue]
    trace.at(0, vif)
    trace.at(30, .quiet)
    let report = trace.finish()
    #expect(
      report.stalls.map(\.cause) == (offered < 18 ? [] : [.lostNotification(to: .backend)]))
  }

  @Test func `takes an event on either side of the answers that it is for`() {
    var trace = WrittenTrace { $0.tx = Self.taken }
    trace.at(0, .listening(1), .notification(ring: .tx, by: .backend), .answered(1))
    trace.at(3, .listening(2), .answered(2), .notification(ring: .tx, by: .backend))
    trace.at(9, .quiet)
    let report = trace.finish()
    #expect(report.stalls.isEmpty)
  }

  @Test func `misses no event of a backend's where none of its events are told`() {
    for told in [false, true] {
      var trace = WrittenTrace { $0.tx = Self.taken }
      if told { trace.at(0, .notification(ring: .rx, by: .backend)) }
      trace.at(0, .listening(1), .answered(1))
      trace.at(9, .quiet)
      let report = trace.finish()
      #expect(report.stalls.map(\.cause) == (told ? [.lostNotification(to: .frontend)] : []))
      #expect(report.untold.contains(.backendNotifications) == !told)
    }
  }

  @Test func `says nothing of what lies behind missing events`() {
    var trace = WrittenTrace()
    trace.at(0, .pollBegins, .armed(1), .pollEnds(taken: 0, answered: 0), .published(3))
    trace.at(4, .gap(lost: 10))
    trace.at(60, .published(5))
    trace.at(90, .pollBegins)
    let report = trace.finish()
    #expect(report.stalls.map(\.ending) == [.eventsLost])
    #expect(report.stalls.map(\.seconds) == [4])
    #expect(report.untold.contains(.lostEvents))
  }

  @Test(arguments: [TraceEvent.Body.disabled(rule: 3), .disconnected, .connected(queues: 1)])
  func `says nothing of a ring that is gone`(_ end: TraceEvent.Body) {
    var trace = WrittenTrace()
    trace.at(0, .pollBegins, .pollEnds(taken: 0, answered: 0), .published(3), end)
    trace.at(90, .quiet)
    let report = trace.finish()
    #expect(report.stalls.isEmpty)
  }

  @Test(arguments: [(1.5, 0), (2.5, 1)])
  func `calls a stall what lasts as long as it is told`(_ seconds: Double, _ stalls: Int) {
    var trace = WrittenTrace(limits: StallLimits(all: 2_000_000_000))
    trace.at(0, .pollBegins, .published(2), .pollEnds(taken: 1, answered: 1))
    trace.at(seconds, .pollBegins)
    let report = trace.finish()
    #expect(report.stalls.count == stalls)
  }

  @Test func `tells who looks on of a stall while it lasts, and not behind it`() {
    var trace = WrittenTrace()
    #expect(trace.standing(9).isEmpty)
    trace.at(0, .published(256))
    trace.at(0.5, .pollBegins, .pollEnds(taken: 256, answered: 0))
    #expect(trace.standing(0.9).isEmpty)
    #expect(trace.standing(1.1).map(\.cause) == [.ringFull])
    #expect(trace.standing(4).map(\.seconds) == [4])
    trace.at(5, .answered(1))
    #expect(trace.standing(9).isEmpty)
    #expect(trace.finish().stalls.map(\.seconds) == [5])
  }

  @Test(arguments: [(5.5, 0), (6.5, 1)])
  func `leaves a credit window to requests of a guest whose rate is limited`(
    _ seconds: Double, _ stalls: Int
  ) {
    var trace = WrittenTrace {
      $0.creditBytes = 1000
      $0.creditMicroseconds = 5_000_000
    }
    trace.at(0, .pollBegins, .published(2), .pollEnds(taken: 1, answered: 1))
    trace.at(seconds, .pollBegins)
    let report = trace.finish()
    #expect(report.stalls.count == stalls)
  }

  @Test func `bears any events`() {
    var random = SeededGenerator(seed: 9)
    for source in TraceHeader.Source.allCases {
      var trace = WrittenTrace(from: source)
      for _ in 0..<3000 {
        trace.at(Double(random.next() % 1000), vif: UInt16(random.next() % 3), body(&random))
      }
      _ = trace.finish()
    }
  }

  private func body(_ random: inout SeededGenerator) -> TraceEvent.Body {
    let ring = TraceRing.allCases[Int(random.next() % 3)]
    let side = TraceSide.allCases[Int(random.next() % 2)]
    let index = UInt32(truncatingIfNeeded: random.next()) &* UInt32(random.next() % 2)
    let place = ringIndex(index &+ UInt32(random.next() % 300))
    switch random.next() % 12 {
    case 0: return .requestProducer(ring: ring, index: place)
    case 1: return .responseProducer(ring: ring, index: place)
    case 2: return .eventIndex(ring: ring, by: side, index: place)
    case 3: return .notification(ring: ring, by: side)
    case 4: return .pollBegin(ring: ring, budget: index)
    case 5: return .pollEnd(ring: ring, consumer: place, producer: place, packets: index)
    case 6: return .rxResponse(index: place, word0: index, word1: index)
    case 7: return .connected(queues: UInt16(truncatingIfNeeded: index))
    case 8: return .disconnected
    case 9: return .dropped(.init(length: index, captured: 0, offload: FrameOffload()))
    default: return .taken(.init(length: ~index, captured: 0, offload: FrameOffload()))
    }
  }
}
