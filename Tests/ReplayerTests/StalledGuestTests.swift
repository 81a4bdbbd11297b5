import Netback
import Netfront
import Netif
import Recorder
import Replayer
import SimulatedXen
import Testing
import TraceFormat
import XenInterface
import XenRing

/// Guests and backends on the simulation that let a ring stand still, each for one of the causes.
@Suite struct `A guest whose ring stands still` {
  /// A guest that is connected, of whose backend each ring is polled when a test says so.
  private final class Guest {
    let guest: SimulatedGuest
    let sender: TxSender
    let receiver: RxReceiver
    private let begin: MonotonicInstant

    init(pages: Int = .max) throws {
      guest = try SimulatedGuest(.init(seed: 1))
      try guest.connect()
      sender = TxSender(guest.front.queues[0])
      receiver = RxReceiver(guest.front.queues[0])
      receiver.refill(limit: pages, .never)
      begin = guest.now
    }

    var front: FrontQueue { guest.front.queues[0] }
    private var back: VifQueue { guest.device.vif.queues[0] }

    private func now(_ seconds: UInt64) -> MonotonicInstant {
      begin.advanced(by: seconds * 1_000_000_000)
    }

    /// Puts packets of a slot each into the ring and publishes them without an event.
    func publish(_ count: Int) throws {
      for _ in 0..<count { _ = try sender.send(Array(repeating: 2, count: 60).span.octets) }
      front.tx.publish(.never)
    }

    func pollTx(at seconds: UInt64, budget: Int? = nil) -> TxPoll {
      back.tx.poll(now: now(seconds), budget: budget)
    }

    /// A frame for the guest comes, and the RX ring is polled.
    ///
    /// - Returns: whether it was taken.
    @discardableResult
    func receive(_ length: Int = 60, at seconds: UInt64) -> Bool {
      let frame = [UInt8](repeating: 2, count: length)
      let isTaken = guest.device.send(
        frame.span.octets, offload: FrameOffload(), queue: 0, now: now(seconds))
      _ = back.rx.poll(now: now(seconds))
      return isTaken
    }

    /// What a recorder sees of `body`.
    func recorded(_ body: () throws -> Void) throws -> Recorded {
      try parse(try record(guest) { _ in try body() })
    }
  }

  @Test func `requests that crossed the event index of a backend that nobody told are named`()
    throws
  {
    let guest = try Guest()
    try guest.publish(3)
    let trace = try guest.recorded {
      for second in 0..<5 { guest.receive(at: UInt64(second)) }
      #expect(guest.pollTx(at: 5).packets == 3)
    }
    let report = diagnose(trace)
    let stall = try #require(report.stalls.first)
    #expect(report.stalls.count == 1)
    #expect(stall.cause == .lostNotification(to: .backend))
    #expect((stall.ring, stall.queue) == (.tx, 0))
    #expect(stall.begin.number == nil)
    #expect(stall.seconds == 5)
    #expect(stall.ending == .moved)
    #expect(
      stall.facts == [
        .requestConsumer(ringIndex(0)), .requestEvent(ringIndex(1)), .requestProducer(ringIndex(3)),
      ])
    let end = try #require(stall.end.number)
    #expect(trace.events[Int(end)].event.body == .pollBegin(ring: .tx, budget: 64))
    #expect(stall.untold == [.frontendNotifications])
  }

  @Test func `answers that crossed the event index of a frontend that was not told are named`()
    throws
  {
    let guest = try Guest()
    var trace = try guest.recorded {
      try guest.publish(2)
      #expect(guest.pollTx(at: 1).notification == .required)
      guest.receive(at: 4)
    }
    #expect(diagnose(trace).stalls.isEmpty)
    trace.events.removeAll { $0.event.body == .notification(ring: .tx, by: .backend) }
    let report = diagnose(trace)
    let stall = try #require(report.stalls.first)
    #expect(report.stalls.count == 1)
    #expect(stall.cause == .lostNotification(to: .frontend))
    #expect(stall.facts == [.responseEvent(ringIndex(1)), .responseProducer(ringIndex(2))])
    #expect(stall.seconds == 3)
    #expect(stall.ending == .traceEnded)
  }

  @Test func `a frontend that waits for an answer that no request can get is named`() throws {
    let guest = try Guest()
    guest.front.tx.setResponseEvent(ringIndex(200))
    let trace = try guest.recorded {
      try guest.publish(1)
      #expect(guest.pollTx(at: 1).notification == .suppressed)
      guest.receive(at: 8)
    }
    let report = diagnose(trace)
    let stall = try #require(report.stalls.first)
    #expect(report.stalls.count == 1)
    #expect(stall.cause == .eventIndexNotPassed(of: .frontend))
    #expect(
      stall.facts == [
        .responseEvent(ringIndex(200)), .requestProducer(ringIndex(1)),
        .responseProducer(ringIndex(1)),
      ])
    #expect(stall.seconds == 7)
    #expect(stall.untold == [.responseEvents])
  }

  @Test func `frames that wait for more requests than the guest offers are named`() throws {
    let guest = try Guest(pages: 1)
    let trace = try guest.recorded {
      for time in 0..<8 { #expect(guest.receive(5000, at: 9 * UInt64(time))) }
      #expect(!guest.receive(5000, at: 64))
      guest.receiver.refill(limit: 5, .never)
      #expect(!guest.receive(at: 65))
    }
    let report = diagnose(trace)
    let stall = try #require(report.stalls.first)
    #expect(report.stalls.count == 1)
    #expect(stall.cause == .noRxBuffers)
    #expect(stall.ring == .rx)
    #expect(stall.begin.elapsed == 0)
    #expect(stall.seconds == 65)
    #expect(stall.takesCarrier)
    #expect(stall.ending == .moved)
    #expect(stall.facts.contains(.frameWaits(needed: 2)))
    #expect(stall.facts.contains(.requestProducer(ringIndex(1))))
    #expect(stall.facts.contains(.framesRefused(2)))
  }

  @Test func `a backend that leaves requests behind and does not come back is named`() throws {
    let guest = try Guest()
    let trace = try guest.recorded {
      try guest.publish(3)
      #expect(guest.pollTx(at: 0, budget: 1).hasMore)
      guest.receive(at: 4)
      #expect(guest.pollTx(at: 5).packets == 2)
    }
    let report = diagnose(trace)
    let stall = try #require(report.stalls.first)
    #expect(report.stalls.count == 1)
    #expect(stall.cause == .backendAsleep)
    #expect(stall.seconds == 5)
    #expect(stall.facts.contains(.requestConsumer(ringIndex(1))))
    #expect(stall.facts.contains(.requestProducer(ringIndex(3))))
    #expect(stall.untold.isEmpty)
  }

  @Test(arguments: [
    SimulatedGuest.Options(seed: 1), .init(seed: 2, order: .completion),
    .init(seed: 3, queues: 2, usesControlRing: true), .init(seed: 4, path: .staged),
    .init(seed: 5, profile: .netif), .init(seed: 6, rate: "40000,100000"),
  ])
  func `nothing is said of one whose rings are served`(_ options: SimulatedGuest.Options) throws {
    let report = diagnose(try parse(try record(options, steps: 40)))
    #expect(report.stalls.isEmpty, "\(report.stalls)")
    #expect(report.untold == [.frontendNotifications, .laterRequests])
  }
}
