import TraceFormat
import XenRing

/// The polls of a control ring, as far as a trace has them.
struct ControlTurns {
  private(set) var turn = Turn()
  private var claimed: RingIndex

  /// Goes on from what a snapshot says.
  init(from indices: QueueSnapshot.Indices) { claimed = indices.requestProducer }

  mutating func append(_ event: TraceEvent, _ payload: RawSpan, number: UInt64) {
    turn.append(event, payload, number: number)
    if case .requestProducer(.control, let index) = event.body { claimed = index }
  }

  /// What the guest does for the poll that is over.
  mutating func takeBatch() -> ControlBatch {
    defer { turn.removeAll() }
    return ControlBatch(turn, claimed: claimed)
  }

  mutating func removeAll() { turn.removeAll() }
}

extension LiveSession {
  /// Whether both backends have a control ring of this guest.
  private var canTalk: Bool { side.hasControl && other?.hasControl ?? true }

  /// Takes an event of a poll of the control ring. Whatever stands between its begin and its end is of that
  /// poll. Without such a ring in the snapshot it is left out.
  ///
  /// - Returns: whether it is one.
  mutating func take(
    control event: TraceEvent, _ payload: RawSpan, _ number: UInt64
  ) throws(LiveReplayError) -> Bool {
    if case .pollBegin(.control, _) = event.body { isInControlPoll = true }
    guard isInControlPoll && event.queue == 0 || event.body.lane == .control else { return false }
    let isEnd = if case .pollEnd(.control, _, _, _) = event.body { true } else { false }
    if isEnd { isInControlPoll = false }
    guard controls != nil else {
      ledger.countNotReplayed()
      return true
    }
    controls?.append(event, payload, number: number)
    rx?.lastControl = event.time
    if isEnd { try playControl(number) } else if controls?.turn.isOverfull == true { dropControl() }
    return true
  }

  private mutating func playControl(_ number: UInt64) throws(LiveReplayError) {
    guard !isStopped else { return dropControl() }
    guard let batch = controls?.takeBatch() else { return }
    for _ in 0..<batch.passed { ledger.countNotReplayed() }
    guard !batch.isEmpty else { return }
    try connect(before: number)
    guard !isStopped else { return ledger.cut += UInt64(batch.turn.entries.count) }
    guard canTalk else {
      for _ in batch.turn.entries.dropFirst(Int(batch.passed)) { ledger.countNotReplayed() }
      return
    }
    try talk(batch)
  }

  /// Puts messages on the control ring, and compares.
  private mutating func talk(
    _ batch: ControlBatch, isJudged: Bool = true
  ) throws(LiveReplayError) {
    let outcome = try side.play(batch)
    let beside = try other?.play(batch)
    if outcome.isCutOff || beside?.isCutOff == true { isStopped = true }
    guard isJudged, comparisons.indices.contains(0) else { return }
    if let beside {
      comparisons[0].compare(control: batch, beside, outcome)
    } else {
      comparisons[0].compare(control: batch, outcome)
    }
  }

  /// Sets hashing as the snapshot has it. What a vif keeps of an earlier connection is taken back; a
  /// backend that knows no hashing may refuse that.
  mutating func setHash(_ snapshot: VifSnapshot, before number: UInt64) throws(LiveReplayError) {
    guard canTalk else { return }
    let batch = ControlBatch(
      setting: snapshot.hash, queues: snapshot.queues.count, before: number)
    try talk(batch, isJudged: snapshot.hash != HashSnapshot())
  }

  /// Gives a poll up that cannot be played.
  mutating func dropControl() {
    ledger.cut += UInt64(controls?.turn.entries.count ?? 0)
    controls?.removeAll()
  }
}
