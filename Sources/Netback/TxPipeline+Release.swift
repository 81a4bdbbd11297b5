import XenRing

extension TxPipeline {
  /// Answers the slots of a frame that its holder is done with.
  func release(frame head: RingIndex) {
    for place in held.indices where held[place].head == head { answers.append(held[place].answer) }
    held.removeAll { $0.head == head }
  }

  /// Puts the answer to a held slot ahead of the waiting answer to `later`, or behind all of them:
  /// releases come from outside the poll and may fall between two of its answers.
  ///
  /// - Returns: what was answered; `nil` when the slot was not held.
  func release(slot: RingIndex, before later: RingIndex?) -> TxAnswer? {
    guard let place = held.firstIndex(where: { $0.answer.request == slot }) else { return nil }
    let answer = held.remove(at: place).answer
    let end = later.flatMap { later in answers.firstIndex { $0.request == later } }
    answers.insert(answer, at: end ?? answers.endIndex)
    return answer
  }
}
