import Netif
import Replayer
import TraceFormat
import XenInterface
import XenRing

/// A trace that is written event by event and diagnosed as it is written: one vif with one queue.
struct WrittenTrace {
  private var diagnosis: StallDiagnosis

  /// Begins with a queue as `change` leaves it.
  init(
    from source: TraceHeader.Source = .byHand, features: NetifFeatures = .rxNotify,
    limits: StallLimits = StallLimits(), _ change: (inout QueueSnapshot) -> Void = { _ in }
  ) {
    var queue = QueueSnapshot()
    change(&queue)
    var vif = VifSnapshot(
      domain: DomainID(rawValue: 5), handle: VifHandle(rawValue: 0), features: features)
    vif.queues = [queue]
    let header = TraceHeader(
      source: source, clock: .simulated, profile: .linux, snapLength: 0, tool: "test", vifs: [vif])
    diagnosis = StallDiagnosis(header, limits: limits)
  }

  /// Lets events happen, so many seconds after the start.
  mutating func at(_ seconds: Double, vif: UInt16 = 0, _ bodies: TraceEvent.Body...) {
    let time = MonotonicInstant(nanoseconds: 7_000_000_000 + UInt64(seconds * 1e9))
    for body in bodies {
      diagnosis.take(
        TraceEvent(time: time, vif: vif, origin: .observed, body), payload: RawSpan())
    }
  }

  /// Lets a snapshot be taken.
  mutating func at(_ seconds: Double, _ snapshot: VifSnapshot) {
    let octets = snapshot.encoded()
    let event = TraceEvent(
      time: MonotonicInstant(nanoseconds: 7_000_000_000 + UInt64(seconds * 1e9)),
      origin: .observed, .snapshot(length: UInt32(octets.count)))
    diagnosis.take(event, payload: octets.span.octets)
  }

  /// What is under way so many seconds after the start.
  func standing(_ seconds: Double) -> [Stall] {
    diagnosis.standing(at: MonotonicInstant(nanoseconds: 7_000_000_000 + UInt64(seconds * 1e9)))
  }

  /// What was found.
  mutating func finish() -> StallReport { diagnosis.finish() }
}

/// Looks for stalls in a trace.
func diagnose(_ recorded: Recorded, _ limits: StallLimits = StallLimits()) -> StallReport {
  var diagnosis = StallDiagnosis(recorded.header, limits: limits)
  for entry in recorded.events { diagnosis.take(entry.event, payload: entry.payload.span.octets) }
  return diagnosis.finish()
}

extension TraceEvent.Body {
  /// A note of nothing: time goes by.
  static var quiet: Self { .note(length: 0) }

  /// `req_prod` of the TX ring is seen.
  static func published(_ index: UInt32, _ ring: TraceRing = .tx) -> Self {
    .requestProducer(ring: ring, index: RingIndex(rawValue: index))
  }

  /// The backend asks to be told (`req_event`).
  static func armed(_ index: UInt32) -> Self {
    .eventIndex(ring: .tx, by: .backend, index: RingIndex(rawValue: index))
  }

  /// The frontend asks to be told (`rsp_event`).
  static func listening(_ index: UInt32) -> Self {
    .eventIndex(ring: .tx, by: .frontend, index: RingIndex(rawValue: index))
  }

  /// Answers are published (`rsp_prod`).
  static func answered(_ index: UInt32, _ ring: TraceRing = .tx) -> Self {
    .responseProducer(ring: ring, index: RingIndex(rawValue: index))
  }

  /// A poll begins.
  static var pollBegins: Self { .pollBegin(ring: .tx, budget: 64) }

  /// A poll ends, which has taken and answered requests up to there.
  static func pollEnds(taken: UInt32, answered: UInt32) -> Self {
    .pollEnd(
      ring: .tx, consumer: RingIndex(rawValue: taken), producer: RingIndex(rawValue: answered),
      packets: 1)
  }
}

extension Stall {
  /// The facts that prove it.
  var facts: [Fact] { proofs.map(\.fact) }

  /// How long it lasted, in seconds.
  var seconds: Double { Double(nanoseconds) / 1e9 }
}

/// A place in a ring.
func ringIndex(_ value: UInt32) -> RingIndex { RingIndex(rawValue: value) }
