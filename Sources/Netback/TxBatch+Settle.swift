import Netif
import XenInterface
import XenRing

extension TxBatch {
  /// Answers all slots of a packet that copies have brought whole, which is what it comes to when its
  /// frame ends with the poll; whether they have.
  mutating func answerCopied(_ run: PlannedRun) -> Bool {
    guard run.maps.isEmpty else { return false }
    for slot in run.slots where !isCopied(slot) { return false }
    for slot in run.slots { answers.append(plan.slots[slot].answer) }
    return true
  }

  /// Looks at a packet's grant statuses and answers what can be answered now
  /// (Linux: `xenvif_tx_check_gop`).
  ///
  /// - Returns: whether every copy worked. If not, all the packet's slots are answered.
  mutating func settle(_ run: PlannedRun) -> Bool {
    var failed = settleCopied(run.copied)
    guard let first = run.held.first else { return !failed }
    if plan.slots[first].role == .shared, !isCopied(first) { failed = true }
    return settleHeld(run.held, failed: failed)
  }

  /// Whether what is copied of a slot came through.
  private func isCopied(_ slot: Int) -> Bool {
    plan.slots[slot].copy.map { plan.copies[$0].status == .okay || !checksGrants } ?? true
  }

  /// Whether what lies behind the linear area came through, mapped or copied.
  private func isReached(_ slot: Int) -> Bool {
    plan.slots[slot].map.map { plan.maps[$0].status == .okay } ?? isCopied(slot)
  }

  private mutating func answer(_ slot: Int, _ status: NetifStatus) {
    var answer = plan.slots[slot].answer
    answer.status = status
    answers.append(answer)
  }

  private mutating func settleCopied(_ slots: Range<Int>) -> Bool {
    var failed = false
    for slot in slots {
      let okay = isCopied(slot)
      failed = failed || !okay
      answer(slot, okay ? .okay : .error)
    }
    return failed
  }

  /// Once something has failed, good slots are answered OKAY; but Linux answers a shared one, whose
  /// linear part it copied, with an error.
  private mutating func settleHeld(_ slots: Range<Int>, failed: Bool) -> Bool {
    var failed = failed
    for slot in slots {
      if isReached(slot) {
        if failed { answer(slot, plan.slots[slot].role == .shared ? .error : .okay) }
        continue
      }
      answer(slot, .error)
      if !failed { answerEarlier(slots.lowerBound..<slot) }
      failed = true
    }
    return !failed
  }

  /// Answers the good slots before the first failed one. Linux keeps fragments in two lists, those
  /// that fit its array and the rest, and answers those of the failed one's list first.
  private mutating func answerEarlier(_ slots: Range<Int>) {
    let inFirstList = min(slots.count, NetifLimits.fragments)
    let boundary = slots.lowerBound + (slots.count < NetifLimits.fragments ? 0 : inFirstList)
    for slot in boundary..<slots.upperBound { answer(slot, .okay) }
    for slot in slots.lowerBound..<boundary { answer(slot, .okay) }
  }
}
