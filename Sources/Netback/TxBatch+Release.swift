import XenRing

extension TxBatch {
  /// Answers the slots of a frame that its holder is done with.
  mutating func release(frame head: RingIndex) {
    for place in held.indices where held[place].head == head { answers.append(held[place].answer) }
    held.removeAll { $0.head == head }
    unmap(frame: head)
  }

  /// Has a frame's pages unmapped before anything is answered: a guest that finds a page mapped when
  /// it has its answer gives its interface up.
  private mutating func unmap(frame head: RingIndex) {
    guard let place = mappings.firstIndex(where: { $0.head == head }) else { return }
    unmapping.append(mappings.remove(at: place))
  }

  /// Takes what is to be unmapped now.
  mutating func takeUnmapping() -> [TxMapping] {
    guard !unmapping.isEmpty else { return [] }
    defer { unmapping.removeAll() }
    return unmapping
  }

  /// Answers the slots of all frames that left, so that answers stand in the order of requests,
  /// `start` first.
  mutating func releaseAll(from start: RingIndex) {
    if !held.isEmpty {
      for slot in held where !slot.head.isBehind(start) { answers.append(slot.answer) }
      held.removeAll { !$0.head.isBehind(start) }
      unmapping.append(contentsOf: mappings.filter { !$0.head.isBehind(start) })
      mappings.removeAll { !$0.head.isBehind(start) }
    }
    answers.sort { $0.request.distance(from: start) < $1.request.distance(from: start) }
  }

  /// Puts the answer to a held slot ahead of the waiting answer to `later`, or behind all of them:
  /// releases come from outside the poll and may fall between two of its answers.
  ///
  /// - Returns: what was answered; `nil` when the slot was not held.
  mutating func release(slot: RingIndex, before later: RingIndex?) -> TxAnswer? {
    guard let place = held.firstIndex(where: { $0.answer.request == slot }) else { return nil }
    let answer = held[place].answer
    // Whoever held the frame is done with all of it.
    unmap(frame: held.remove(at: place).head)
    let end = later.flatMap { later in answers.firstIndex { $0.request == later } }
    answers.insert(answer, at: end ?? answers.endIndex)
    return answer
  }
}
