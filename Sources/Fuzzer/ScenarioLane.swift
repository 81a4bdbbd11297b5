import Netback
import Netif
import TraceFormat
import XenInterface
import XenRing

/// The scenarios of one queue of a trace, and of its vif's control ring.
///
/// A trace says only afterwards what a poll took and what pages held. So its events are gathered until it is
/// over; then the slots are written, and published at once.
struct ScenarioLane {
  private let profile: RuleProfile
  private var vif: ScenarioVif
  var draft: ScenarioDraft
  private var finished: [Scenario] = []
  var tx: LaneRing
  var rx: LaneRing
  var control: LaneRing
  var txTurn = LaneTurn()
  var rxTurn = LaneTurn()
  /// Messages of the poll under way of the control ring, each with what was seen of its page.
  var messages: [(words: TraceEvent.Words, turn: LaneTurn)]?
  var controlRule: UInt8?
  /// Whether answers of the RX ring are still to be asked for.
  var hasAnswers = false
  /// Frames that were brought since a batch of them was delivered.
  var waiting = 0
  /// Frames that a snapshot said of and that are said once more.
  private var repeated: UInt32 = 0
  private var rate: (octets: UInt32, milliseconds: UInt8)?
  private var now: UInt64?
  /// Whether the guest was cut off.
  var isCutOff = false

  init(_ profile: RuleProfile, _ snapshot: VifSnapshot, _ queue: QueueSnapshot) {
    self.profile = profile
    vif = ScenarioVif(profile, snapshot, queue)
    draft = ScenarioDraft(vif)
    (tx, rx) = (LaneRing(queue.tx), LaneRing(queue.rx))
    control = LaneRing(snapshot.control ?? QueueSnapshot.Indices())
    note(queue)
  }

  /// Goes on from a snapshot, if the queue is as the scenario left it, or connected anew as it was at first.
  mutating func resume(
    _ snapshot: VifSnapshot, _ queue: QueueSnapshot, isFresh: Bool
  ) -> Bool {
    var fresh = ScenarioVif(profile, snapshot, queue)
    fresh.start = isFresh ? fresh.start : vif.start
    guard fresh == draft.scenario.vif, snapshot.isDisabled == isCutOff else { return false }
    let goesOn = isFresh || queue.tx.requestConsumer.rawValue == tx.next
    guard goesOn else { return false }
    if isFresh {
      draft.add(.reconnect)
      (tx, rx) = (LaneRing(queue.tx), LaneRing(queue.rx))
      control = LaneRing(snapshot.control ?? QueueSnapshot.Indices())
      hasAnswers = false
    } else {
      repeated = queue.queuedFrames
    }
    (txTurn, rxTurn, messages) = (LaneTurn(), LaneTurn(), nil)
    note(queue)
    return true
  }

  private mutating func note(_ queue: QueueSnapshot) {
    for slot in queue.txSlots { tx.note(slot.index, slot.words) }
    for slot in queue.rxSlots { rx.note(slot.index, slot.words) }
    let limited = queue.creditBytes != .max
    let milliseconds = UInt8(clamping: max(queue.creditMicroseconds / 1000, 1) - 1)
    let octets = UInt32(clamping: queue.creditBytes)
    guard limited, rate.map({ $0 != (octets, milliseconds) }) ?? true else { return }
    rate = (octets, milliseconds)
    draft.add(.rate(octets: octets, milliseconds: milliseconds))
  }

  // MARK: - Events

  mutating func take(_ event: TraceEvent, _ payload: RawSpan) {
    let time = event.time.nanoseconds / 1_000_000
    if messages != nil { return take(control: event.body, payload) }
    switch event.body {
    case .pollBegin(.control, _): beginControl()
    case .pollBegin(.tx, _):
      flushRx()
      advance(to: time)
    case .slot(.rx, _, _), .grantCopy(_, .toGuest, _), .rxResponse, .responseProducer(.rx, _),
      .eventIndex(.rx, .frontend, _):
      take(rx: event.body, at: time)
    case .taken(let frame), .dropped(let frame):
      flushRx()
      advance(to: time)
      bring(frame, payload)
    default: take(tx: event.body, payload)
    }
  }

  private mutating func bring(_ frame: TraceEvent.FrameRecord, _ payload: RawSpan) {
    guard repeated == 0 else { return repeated -= 1 }
    makeRoom(for: 2 * ScenarioDraft.stepOctets, on: .rx)
    waiting += 1
    let head = payload.extracting(first: min(payload.byteCount, ScenarioFrame.head))
    var frame = ScenarioFrame(like: frame, head.array)
    // A guest that takes no such segments gets the frame without, but is asked for a request more than it uses;
    // which that was, the trace does not say.
    if !vif.features.contains(frame.type == 1 ? .gsoTCPv4 : .gsoTCPv6) { frame.segment = 0 }
    draft.add(.frame(frame))
  }

  /// Time passes for those who wait.
  mutating func advance(to time: UInt64) {
    let before = now ?? time
    now = max(before, time)
    if rate != nil || waiting > 0, time > before { draft.pass(milliseconds: time - before) }
  }

  // MARK: - Scenarios

  /// Begins another scenario if this one has no room for so many octets more.
  ///
  /// - Parameter ring: where slots may have been written that are not published yet.
  mutating func makeRoom(for octets: Int, on ring: ScenarioRing) {
    guard !draft.hasRoom(for: octets) else { return }
    if draft.pages.hasPending { draft.publish(ring) }
    cut()
  }

  /// Begins another scenario if this one is long; to be called when nothing is under way.
  mutating func rest() { if draft.isLong { cut() } }

  private mutating func cut() {
    put()
    vif.start = tx.next
    draft = ScenarioDraft(vif)
    waiting = 0
    if let rate { draft.add(.rate(octets: rate.octets, milliseconds: rate.milliseconds)) }
  }

  /// Begins another scenario with what comes now, and drops those before.
  mutating func restart() {
    flushRx()
    cut()
    finished.removeAll()
  }

  private mutating func put() { if draft.isPlayed { finished.append(draft.scenario) } }

  /// What is finished since this was asked.
  mutating func takeFinished() -> [Scenario] {
    defer { finished.removeAll() }
    return finished
  }

  /// Ends the last one.
  mutating func end() -> [Scenario] {
    flushRx()
    put()
    return takeFinished()
  }
}

extension ScenarioVif {
  fileprivate init(_ profile: RuleProfile, _ snapshot: VifSnapshot, _ queue: QueueSnapshot) {
    self.init()
    self.profile = profile
    start = queue.tx.requestConsumer.rawValue
    features = snapshot.features.intersection(Self.features)
    let key = snapshot.keys.first { $0.name == VifSnapshot.Key.headroom }
    headroom = min(key.flatMap { UInt16($0.value) } ?? 0, Self.headroomLimit)
  }
}
