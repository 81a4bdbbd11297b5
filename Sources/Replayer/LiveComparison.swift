import Netif
import TraceFormat
import XenInterface
import XenRing

/// Compares what a live backend does in a queue with what a trace says, or another backend does.
struct LiveComparison {
  private let vif: UInt16
  private let queue: UInt16
  let ledger: ReplayLedger
  private let limit: Int
  /// Slots whose answers are to be judged.
  private var asked: Set<RingIndex> = []
  /// Answers that came and that the trace has later: its backend may have held the frames.
  private var early: [RingIndex: LiveAnswer] = [:]

  /// - Parameter limit: how many differences are kept.
  init(vif: UInt16, queue: UInt16, ledger: ReplayLedger, limit: Int) {
    self.vif = vif
    self.queue = queue
    self.ledger = ledger
    self.limit = limit
  }

  /// Compares a turn with what the trace says. Without an outcome, the live backend had nothing to do.
  mutating func compare(_ turn: Turn, _ outcome: LiveOutcome?) {
    let recorded = turn.visible
    if outcome?.isExcused == true {
      ledger.rest.notExpressible += 1
      return ledger.cut += UInt64(recorded.count)
    }
    noting(turn, outcome) { $0.compare(recorded, outcome, turn.lastNumber) }
  }

  /// Compares what two live backends made of a turn: neither has more to say of it.
  mutating func compare(_ turn: Turn, _ other: LiveOutcome, _ outcome: LiveOutcome) {
    let number = turn.lastNumber
    var outcome = outcome
    outcome.seesFrames = outcome.seesFrames && other.seesFrames
    noting(turn, outcome, beside: other) {
      $0.compare(other.told(number), outcome, number)
      for stray in other.strays { $0.note(.missing, number, stray.event, nil) }
      for request in outcome.asked {
        guard let answer = $0.early.removeValue(forKey: request) else { continue }
        $0.note(.unexpected, number, nil, answer.head.event)
      }
      $0.asked.removeAll()
    }
  }

  private mutating func compare(
    _ recorded: [LiveEvent], _ outcome: LiveOutcome?, _ number: UInt64
  ) {
    if let outcome { take(outcome, number) }
    for answer in LiveAnswer.all(in: recorded) { judge(answer) }
    guard let outcome else { return }
    judgeFrames(recorded, outcome, number)
    judgeEnd(recorded, outcome, number)
  }

  /// Keeps the turn of the first difference.
  mutating func noting(
    _ turn: Turn, _ outcome: LiveOutcome?, beside other: LiveOutcome? = nil,
    _ compare: (inout LiveComparison) -> Void
  ) {
    guard findsFirst(compare) else { return }
    ledger.rest.firstTurn = DivergentTurn(
      recorded: other.map(told) ?? turn.entries.map(\.event),
      replayed: outcome.map(told) ?? [])
  }

  /// The same of a turn that was put together.
  mutating func keeping(
    _ turn: @autoclosure () -> DivergentTurn, _ compare: (inout LiveComparison) -> Void
  ) {
    if findsFirst(compare) { ledger.rest.firstTurn = turn() }
  }

  /// Whether a comparison finds the first difference of all.
  private mutating func findsFirst(_ compare: (inout LiveComparison) -> Void) -> Bool {
    let before = ledger.diverged
    compare(&self)
    return before == 0 && ledger.diverged > 0
  }

  /// Counts the answers that the trace does not have.
  mutating func finish() {
    ledger.cut += early.values.reduce(0) { $0 + 1 + UInt64($1.nulls.count) }
    early.removeAll()
    asked.removeAll()
  }

  private mutating func take(_ outcome: LiveOutcome, _ number: UInt64) {
    ledger.replayed += UInt64(outcome.events.count + outcome.strays.count)
    ledger.memory += outcome.memory
    asked.formUnion(outcome.asked)
    for answer in LiveAnswer.all(in: outcome.events) { early[answer.request] = answer }
    for stray in outcome.strays { note(.unexpected, number, nil, stray.event) }
  }
}

// MARK: - Answers

extension LiveComparison {
  private mutating func judge(_ recorded: LiveAnswer) {
    let isAsked = asked.remove(recorded.request) != nil
    guard let live = early.removeValue(forKey: recorded.request) else {
      guard isAsked else { return ledger.cut += 1 + UInt64(recorded.nulls.count) }
      return note(.missing, recorded.head.number, recorded.head.event, nil)
    }
    if live.status == recorded.status {
      ledger.countMatched()
    } else {
      note(.differs, recorded.head.number, recorded.head.event, live.head.event)
    }
    let shared = min(live.nulls.count, recorded.nulls.count)
    for _ in 0..<shared { ledger.countMatched() }
    for null in recorded.nulls.dropFirst(shared) { note(.missing, null.number, null.event, nil) }
    for null in live.nulls.dropFirst(shared) {
      note(.unexpected, recorded.head.number, nil, null.event)
    }
  }
}

// MARK: - Frames and the end

extension LiveComparison {
  private func judgeFrames(_ recorded: [LiveEvent], _ outcome: LiveOutcome, _ number: UInt64) {
    let wanted = recorded.filter { $0.frame != nil }
    let seen = outcome.events.filter { $0.frame != nil }
    guard outcome.seesFrames else {
      return ledger.rest.unseen += UInt64(max(wanted.count, seen.count))
    }
    for (recorded, live) in zip(wanted, seen) { judge(frame: recorded, live) }
    for frame in wanted.dropFirst(seen.count) { note(.missing, frame.number, frame.event, nil) }
    for frame in seen.dropFirst(wanted.count) { note(.unexpected, number, nil, frame.event) }
  }

  private func judge(frame recorded: LiveEvent, _ live: LiveEvent) {
    guard recorded.frame?.length == live.frame?.length else {
      return note(.differs, recorded.number, recorded.event, live.event)
    }
    if let digest = recorded.digest, digest != live.digest {
      return note(.content, recorded.number, recorded.event, live.event)
    }
    ledger.countMatched()
    ledger.compared.frames += 1
    ledger.compared.octets += recorded.digest == nil ? 0 : UInt64(recorded.frame?.length ?? 0)
  }

  func judgeEnd(_ recorded: [LiveEvent], _ outcome: LiveOutcome, _ number: UInt64) {
    if outcome.isCutOff { ledger.replayed += 1 }
    switch (recorded.first(where: \.isEnd), outcome.isCutOff) {
    case (.some, true): ledger.countMatched()
    case (.some(let end), false): note(.missing, end.number, end.event, nil)
    case (nil, true): note(.unexpected, number, nil, LiveOutcome.end)
    case (nil, false): break
    }
  }

  func note(
    _ kind: Divergence.Kind, _ number: UInt64, _ recorded: TraceEvent?, _ replayed: TraceEvent?
  ) {
    ledger.note(
      Divergence(
        kind: kind, number: number, vif: vif, queue: queue, recorded: recorded.map(named),
        replayed: replayed.map(named)), keeping: limit)
  }

  private func told(_ outcome: LiveOutcome) -> [TraceEvent] {
    outcome.told(0).map { named($0.event) }
  }

  private func named(_ event: TraceEvent) -> TraceEvent {
    var event = event
    event.vif = vif
    // A frame for the guest says itself where it came.
    if case .taken = event.body { return event }
    event.queue = queue
    return event
  }
}

extension LiveEvent {
  /// What is known of a frame; `nil` when it is none.
  fileprivate var frame: TraceEvent.FrameRecord? {
    if case .delivered(let frame, _) = event.body { frame } else { nil }
  }

  /// Whether the guest was cut off.
  fileprivate var isEnd: Bool { if case .disabled = event.body { true } else { false } }
}
