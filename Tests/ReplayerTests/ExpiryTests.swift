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

@Suite struct `A frame that waits too long` {
  /// What is done with a guest, one thing after the other.
  enum Step {
    /// A frame of so many octets comes.
    case frame(Int)
    /// The guest offers so many pages.
    case offer(Int)
    /// It claims so many requests more than it wrote.
    case claim(UInt32)
    case wait(seconds: UInt64)
    case poll
    /// A poll that drops nothing: as one that has just seen a request more.
    case lookOn
    case record
  }

  struct Case: Sendable, CustomTestStringConvertible {
    let name: String
    let steps: [Step]
    /// Lengths of the frames that the guest got.
    let received: [Int]
    /// Polls in which frames were dropped.
    let polls: Int

    init(_ name: String, _ steps: [Step], received: [Int], polls: Int) {
      self.name = name
      self.steps = steps
      self.received = received
      self.polls = polls
    }

    var testDescription: String { name }
  }

  static let cases = [
    Case(
      "alone",
      [.record, .frame(100), .poll, .wait(seconds: 10), .poll, .frame(60), .offer(1), .poll],
      received: [60], polls: 1),
    Case(
      "with others, in two polls",
      [
        .record, .frame(100), .frame(200), .wait(seconds: 4), .frame(300), .frame(400), .poll,
        .wait(seconds: 6), .poll, .wait(seconds: 4), .poll, .frame(60), .offer(1), .poll,
      ],
      received: [60], polls: 2),
    Case(
      "before one that does not",
      [
        .record, .frame(100), .wait(seconds: 6), .frame(200), .wait(seconds: 4), .poll, .offer(1),
        .poll,
      ],
      received: [200], polls: 1),
    Case(
      "in a poll that hands another over",
      [
        .record, .frame(100), .frame(5000), .wait(seconds: 20), .offer(1), .poll, .frame(60),
        .offer(1), .poll,
      ],
      received: [100, 60], polls: 1),
    Case(
      "with room for it in the end",
      [.record, .frame(100), .wait(seconds: 20), .offer(1), .poll], received: [100], polls: 0),
    Case(
      "with room for it just after the poll has taken all requests",
      [
        .record, .frame(100), .frame(200), .wait(seconds: 20), .offer(1), .lookOn, .offer(1), .poll,
      ],
      received: [100, 200], polls: 0),
    Case(
      "since before the trace",
      [
        .frame(100), .wait(seconds: 4), .frame(200), .record, .wait(seconds: 6), .poll, .offer(1),
        .poll,
      ],
      received: [200], polls: 1),
    Case(
      "of a guest that takes a claim back",
      [
        .record, .offer(1), .claim(9), .frame(60), .poll, .claim(0), .frame(100),
        .wait(seconds: 10), .poll, .frame(80), .offer(1), .poll,
      ],
      received: [60, 80], polls: 1),
  ]

  @Test(arguments: cases)
  func `is not handed over in the replay either`(_ tried: Case) throws {
    let guest = try ScriptedGuest()
    for step in tried.steps { try guest.take(step) }
    #expect(try guest.received() == tried.received)
    let octets = try guest.finish()
    let recorded = try parse(octets)
    #expect(recorded.events.filter(\.event.isEndOfRxPoll).count == tried.polls)
    let report = try replay(octets)
    #expect(report.diverged == 0, "\(report.divergences.first.map { "\($0)" } ?? "")")
    #expect(report.matched > 0 && report.cut == 0)
  }

  @Test func `makes a difference to a trace that does not say so`() throws {
    let guest = try ScriptedGuest()
    for step in Self.cases[0].steps { try guest.take(step) }
    var recorded = try parse(try guest.finish())
    recorded.events.removeAll { $0.event.isOfRxPoll }
    #expect(try replay(recorded).diverged > 0)
  }
}

extension TraceEvent {
  fileprivate var isEndOfRxPoll: Bool {
    if case .pollEnd(.rx, _, _, _) = body { true } else { false }
  }

  fileprivate var isOfRxPoll: Bool {
    if case .pollBegin(.rx, _) = body { true } else { isEndOfRxPoll }
  }
}

/// A guest that offers pages when it is told to, and whose RX ring is polled when that is asked for.
private final class ScriptedGuest {
  private let guest: SimulatedGuest
  private let receiver: RxReceiver
  private let files = MemoryFiles()
  private var recorder: TapRecorder?
  private var now: MonotonicInstant
  private var frames: UInt8 = 0

  init() throws {
    guest = try SimulatedGuest()
    try guest.connect()
    receiver = RxReceiver(guest.front.queues[0])
    now = guest.now
  }

  func take(_ step: `A frame that waits too long`.Step) throws {
    let rx = guest.device.vif.queues[0].rx
    switch step {
    case .frame(let length): send(length)
    case .offer(let pages): #expect(receiver.refill(limit: pages, .never) == pages)
    case .claim(let ahead):
      let ring = guest.front.queues[0].rx
      ring.publish(claiming: ring.requestProducer.advanced(by: ahead), .never)
    case .wait(let seconds): now = now.advanced(by: seconds * 1_000_000_000)
    case .poll: _ = rx.poll(now: now)
    case .lookOn: _ = rx.poll(now: now, dropsExpired: false)
    case .record:
      recorder = try TapRecorder(
        [guest.device], describedBy: .init(clock: .simulated), into: files, now: now)
    }
  }

  /// Sends a frame whose octets no other has.
  private func send(_ length: Int) {
    frames += 2
    let octets = [UInt8](repeating: frames, count: length)
    let isTaken = guest.device.send(
      octets.span.octets, offload: FrameOffload(), queue: 0, now: now)
    #expect(isTaken)
  }

  /// Lengths of the frames that came.
  func received() throws -> [Int] { try receiver.receive().map { try $0.get().octets.count } }

  /// The trace.
  func finish() throws -> [UInt8] {
    _ = try #require(recorder).finish()
    return try #require(files.contents.first).octets
  }
}
