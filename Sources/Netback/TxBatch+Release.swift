import Netif
import XenInterface
import XenRing

extension TxBatch {
  /// Answers the slots of a frame that its holder is done with.
  mutating func release(frame head: RingIndex) {
    let mapping = takeMapping(of: head)
    for place in held.indices where held[place].head == head {
      answers.append(held[place].answer(after: mapping))
    }
    held.removeAll { $0.head == head }
  }

  /// Has a frame's pages unmapped before anything is answered: a guest that finds a page mapped when
  /// it has its answer gives its interface up.
  private mutating func takeMapping(of head: RingIndex) -> TxMapping? {
    guard let place = mappings.firstIndex(where: { $0.head == head }) else { return nil }
    let mapping = mappings.remove(at: place).mapping
    unmapping.append(mapping)
    return mapping
  }

  /// Answers the slots of all frames that left, so that answers stand in the order of requests,
  /// `start` first.
  mutating func releaseAll(from start: RingIndex) {
    if !held.isEmpty { releaseHeld(from: start) }
    answers.sort { $0.request.distance(from: start) < $1.request.distance(from: start) }
  }

  private mutating func releaseHeld(from start: RingIndex) {
    // Slots and mappings stand in the order of their frames, those of this poll last.
    let first = mappings.firstIndex { !$0.head.isBehind(start) } ?? mappings.endIndex
    var next = first
    for place in held.indices where !held[place].head.isBehind(start) {
      let slot = held[place]
      while next < mappings.endIndex, mappings[next].head.isBehind(slot.head) { next += 1 }
      let isItsOwn = next < mappings.endIndex && mappings[next].head == slot.head
      answers.append(slot.answer(after: isItsOwn ? mappings[next].mapping : nil))
    }
    held.removeAll { !$0.head.isBehind(start) }
    for pages in mappings[first...] { unmapping.append(pages.mapping) }
    mappings.removeSubrange(first...)
  }

  /// Puts the answer to a held slot ahead of the waiting answer to `later`, or behind all of them:
  /// releases come from outside the poll and may fall between two of its answers.
  ///
  /// - Returns: what was answered; `nil` when the slot was not held.
  mutating func release(slot: RingIndex, before later: RingIndex?) -> TxAnswer? {
    guard let place = held.firstIndex(where: { $0.answer.request == slot }) else { return nil }
    let slot = held[place]
    held.removeAll { $0.answer.request == slot.answer.request }
    // Whoever held the frame is done with all of it.
    let answer = slot.answer(after: takeMapping(of: slot.head))
    let end = later.flatMap { later in answers.firstIndex { $0.request == later } }
    answers.insert(answer, at: end ?? answers.count)
    return answer
  }
}

extension TxBatch.HeldSlot {
  /// The slot's answer when its frame is released: an error where its page could not be mapped when
  /// somebody asked for it.
  fileprivate func answer(after mapping: TxMapping?) -> TxAnswer {
    guard let page, let failures = mapping?.failures, failures[page] != .okay else {
      return answer
    }
    var answer = answer
    answer.status = .error
    return answer
  }
}
