import RingCases
import TraceFormat
import XenInterface
import XenRing

extension LiveSession {
  /// Whether frames can be given to the backends.
  private var takesFrames: Bool { side.takesFrames && other?.takesFrames ?? true }
  /// Whether a frame's hash tells what the guest has set.
  private var knowsHash: Bool {
    controls != nil && side.hasControl && other?.hasControl ?? true
      && !header.redactionStatement.scrambled
  }

  /// Takes an event of a queue's RX ring. A frame is given when the trace's backend took it from the
  /// network, and its answers are compared when the trace has them.
  mutating func take(
    rx event: TraceEvent, _ payload: RawSpan, _ number: UInt64
  ) throws(LiveReplayError) {
    guard comparisons.indices.contains(Int(event.queue)), !isStopped else {
      return ledger.cut += 1
    }
    switch event.body {
    case .taken(let record): try give(record, event, payload, number)
    case .dropped: ledger.countNotReplayed()
    default:
      guard let match = rx?.take(event, number: number, queue: Int(event.queue)) else { return }
      if other == nil { settle(match, Int(event.queue)) }
    }
  }

  private mutating func give(
    _ record: TraceEvent.FrameRecord, _ event: TraceEvent, _ payload: RawSpan, _ number: UInt64
  ) throws(LiveReplayError) {
    try connect(before: number)
    guard !isStopped else { return ledger.cut += 1 }
    guard takesFrames, let rx, let frame = rx.frame(record, payload) else {
      ledger.rest.ungiven += 1
      ledger.countNotReplayed()
      self.rx?.note(notGiven: record, queue: Int(event.queue))
      return
    }
    let given = rx.describe(frame, record, event, number: number, knowsHash: knowsHash)
    let receipt = try side.give(frame, given.digest)
    let beside = try other?.give(frame, given.digest)
    if let beside {
      comparisons[Int(event.queue)].compare(given, beside, receipt)
    } else {
      comparisons[Int(event.queue)].compare(given, receipt)
    }
    self.rx?.note(given, receipt)
    if receipt.isCutOff || beside?.isCutOff == true { isStopped = true }
  }

  private mutating func settle(_ match: LiveRx.Match, _ queue: Int) {
    let answers = match.packet.answers
    guard let come = match.come else {
      for _ in answers { ledger.countNotReplayed() }
      return
    }
    guard !match.packet.hasFailed else {
      ledger.rest.notExpressible += 1
      return ledger.cut += UInt64(answers.count)
    }
    comparisons[queue].compare(match.packet, of: come.given, with: come.arrival)
  }
}
