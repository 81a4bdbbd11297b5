import TraceFormat
import XenRing

/// What is compared of the control ring: the answers, one after the other, and the end.
extension LiveComparison {
  /// Compares with what the trace says.
  mutating func compare(control batch: ControlBatch, _ outcome: LiveOutcome) {
    let recorded = batch.turn.answers
    if outcome.isExcused {
      ledger.rest.notExpressible += 1
      return ledger.cut += UInt64(recorded.count)
    }
    noting(batch.turn, outcome) { $0.judge(recorded, outcome, batch.turn.lastNumber) }
  }

  /// Compares what two live backends answered.
  mutating func compare(
    control batch: ControlBatch, _ other: LiveOutcome, _ outcome: LiveOutcome
  ) {
    let number = batch.turn.lastNumber
    noting(batch.turn, outcome, beside: other) {
      $0.judge(other.told(number), outcome, number)
      for stray in other.strays { $0.note(.missing, number, stray.event, nil) }
    }
  }

  private func judge(_ wanted: [LiveEvent], _ outcome: LiveOutcome, _ number: UInt64) {
    ledger.replayed += UInt64(outcome.events.count + outcome.strays.count)
    let answers = wanted.filter(\.isControlAnswer)
    for (recorded, live) in zip(answers, outcome.events) {
      if recorded.event.body == live.event.body {
        ledger.countMatched()
      } else {
        note(.differs, recorded.number, recorded.event, live.event)
      }
    }
    for answer in answers.dropFirst(outcome.events.count) {
      note(.missing, answer.number, answer.event, nil)
    }
    for answer in outcome.events.dropFirst(answers.count) {
      note(.unexpected, number, nil, answer.event)
    }
    for stray in outcome.strays { note(.unexpected, number, nil, stray.event) }
    judgeEnd(wanted, outcome, number)
  }
}

extension Turn {
  /// What a poll of the control ring shows the guest, but for what is about staging grants.
  fileprivate var answers: [LiveEvent] {
    entries.compactMap { entry in
      switch entry.event.body {
      case .controlResponse where !entry.event.body.isStagingAnswer, .disabled:
        LiveEvent(event: entry.event, number: entry.number)
      default: nil
      }
    }
  }
}

extension LiveEvent {
  /// Whether it is an answer on the control ring.
  fileprivate var isControlAnswer: Bool {
    if case .controlResponse = event.body { true } else { false }
  }
}
