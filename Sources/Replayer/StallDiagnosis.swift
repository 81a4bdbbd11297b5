import Netback
import Netif
public import TraceFormat
public import XenInterface
import XenRing

/// Looks through a trace, event by event, for rings that stood still, and names the cause where the
/// events prove one.
///
/// What the recorded backend did not look at, its recorder did not see either: each cause stands beside
/// what the trace cannot tell of it.
public struct StallDiagnosis {
  /// Rings that are followed; of more only the first are.
  static let mostRings = 4096
  /// Stalls that are kept; more are counted.
  static let mostStalls = 10_000

  let header: TraceHeader
  let sight: TraceSight
  private let limits: StallLimits
  var vifs: [UInt16: VifConfiguration] = [:]
  var rings: [RingLane: RingWatch] = [:]
  /// Vifs whose rings are gone, until they are connected again.
  var closed: Set<UInt16> = []
  /// Whether events are missing: then a vif is not looked at before its next snapshot.
  var isBlind = false
  var hasGap = false
  private var tellsFrontend = false
  private var tellsBackend = false
  private var first: MonotonicInstant?
  private var number: UInt64 = 0
  private var last = TracePlace(number: nil, elapsed: 0)
  private var report = StallReport()

  /// Begins with the state that the trace begins with.
  public init(_ header: TraceHeader, limits: StallLimits = StallLimits()) {
    self.header = header
    self.limits = limits
    sight = TraceSight(header.source)
    let time = MonotonicInstant(nanoseconds: 0)
    for (place, snapshot) in header.vifs.enumerated() {
      resume(UInt16(clamping: place), snapshot, at: last, time)
    }
  }

  /// Takes the next event of the trace.
  public mutating func take(_ event: TraceEvent, payload: RawSpan) {
    let place = place(of: event)
    last = TracePlace(number: place.number, elapsed: max(last.elapsed, place.elapsed))
    switch event.body {
    case .requestProducer, .responseProducer, .eventIndex, .pollBegin, .pollEnd, .rxResponse,
      .taken, .dropped:
      pass(event, at: place)
    case .notification(_, let side):
      if side == .frontend { tellsFrontend = true } else { tellsBackend = true }
      pass(event, at: place)
    case .snapshot: resume(event, payload, at: place)
    case .connected(let queues): connect(event, queues: Int(queues), at: place)
    case .disconnected, .disabled: close(event.vif, at: place)
    case .gap: goBlind(at: place)
    default: break
    }
  }

  /// Ends the trace, and says what was found.
  public mutating func finish() -> StallReport {
    letGo(at: last, .traceEnded) { _ in true }
    report.stalls.sort { $0.order < $1.order }
    report.stalls = report.stalls.filter(isProvable)
    if tellsFrontend {
      for place in report.stalls.indices {
        report.stalls[place].untold.removeAll { $0 == .frontendNotifications }
      }
    }
    report.untold = untold
    return report
  }

  /// The stalls that are under way at a moment of the events' clock and have lasted for long enough: for who
  /// looks on while the trace is recorded.
  public func standing(at time: MonotonicInstant) -> [Stall] {
    guard let first else { return [] }
    let elapsed = time.nanoseconds - min(first.nanoseconds, time.nanoseconds)
    let now = TracePlace(number: number, elapsed: max(elapsed, last.elapsed))
    return rings.values.flatMap { $0.standing(at: now, .traceEnded) }.filter(isProvable)
      .sorted { $0.order < $1.order }
  }

  private func isProvable(_ stall: Stall) -> Bool {
    sight.provesSilence || tellsBackend || stall.cause != .lostNotification(to: .frontend)
  }

  private mutating func place(of event: TraceEvent) -> TracePlace {
    defer { number += 1 }
    let begin = first ?? event.time
    first = begin
    let elapsed = event.time.nanoseconds - min(begin.nanoseconds, event.time.nanoseconds)
    return TracePlace(number: number, elapsed: elapsed)
  }

  private var untold: [Untold] {
    let missing: [(Untold, Bool)] = [
      (.frontendNotifications, !tellsFrontend),
      (.backendNotifications, !sight.provesSilence && !tellsBackend),
      (.requestEvents, !sight.tellsRequestEvents(of: .tx)),
      (.responseEvents, !sight.followsAnswers), (.laterRequests, true),
      (.waitingFrames, !sight.seesWaitingFrames), (.lostEvents, hasGap),
    ]
    return missing.filter(\.1).map(\.0)
  }
}

// MARK: - Rings

extension StallDiagnosis {
  private mutating func pass(_ event: TraceEvent, at place: TracePlace) {
    let lane = RingLane(vif: event.vif, queue: event.queue, ring: event.body.lane)
    with(lane) { $0.take(event, at: place, &$1) }
  }

  /// Runs `body` over a ring that is looked at.
  mutating func with(_ lane: RingLane, _ body: (inout RingWatch, inout [Stall]) -> Void) {
    guard !closed.contains(lane.vif), let vif = vif(lane.vif) else { return }
    let isKnown = rings.count < Self.mostRings || rings[lane] != nil
    guard isKnown else { return }
    var found: [Stall] = []
    body(&rings[lane, default: RingWatch(lane, of: vif, sight: sight, limits: limits)], &found)
    keep(found)
  }

  func vif(_ place: UInt16) -> VifConfiguration? {
    if let known = vifs[place] { return known }
    let nobody = VifConfiguration(domain: .control, handle: VifHandle(rawValue: 0))
    return isBlind ? nil : nobody
  }

  private mutating func keep(_ found: [Stall]) {
    let room = Self.mostStalls - report.stalls.count
    report.stalls += found.prefix(room)
    report.omitted += UInt64(max(0, found.count - room))
  }

  /// Ends what is under way on some rings, and forgets them.
  mutating func letGo(
    at place: TracePlace, _ ending: Stall.Ending, where isToGo: (RingLane) -> Bool
  ) {
    var found: [Stall] = []
    for lane in rings.keys where isToGo(lane) {
      rings[lane]?.finish(at: place, ending, &found)
      rings[lane] = nil
    }
    keep(found)
  }
}

extension Stall {
  /// Orders by begin; those of the same event, by ring.
  fileprivate var order: (UInt64, UInt64, UInt16, UInt8) {
    (begin.elapsed, begin.number.map { $0 + 1 } ?? 0, queue, ring.rawValue)
  }
}
