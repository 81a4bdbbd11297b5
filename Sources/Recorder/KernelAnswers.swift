import KernelTap
import Netif

/// Answers of one queue that wait until their order is known: two processors may answer at once,
/// and then only the ring tells who came first.
struct KernelAnswers {
  private var waiting: [TapResponse] = []

  /// Whether none waits.
  var isEmpty: Bool { waiting.isEmpty }

  /// Takes an answer in the order in which the tap saw it begin.
  mutating func take(_ response: TapResponse) { waiting.append(response) }

  /// Puts the waiting answers in the order of the ring's slots.
  mutating func settle(_ slots: TapSlots) {
    var left = waiting
    waiting.removeAll(keepingCapacity: true)
    var place = 0
    while place < slots.count {
      let word = slots.words[place * slots.wordsPerSlot]
      let response = TxResponse(words: [word, 0, 0, 0])
      guard let found = left.firstIndex(where: { $0.isAnswered(by: response) }) else {
        place += 1
        continue
      }
      place += 1 + Int(left[found].extras)
      waiting.append(left.remove(at: found))
    }
    waiting.append(contentsOf: left)
  }

  /// Hands over all that wait, in order.
  mutating func removeAll() -> [TapResponse] {
    let all = waiting
    waiting.removeAll(keepingCapacity: true)
    return all
  }
}

extension TapResponse {
  fileprivate func isAnswered(by response: TxResponse) -> Bool {
    response.id == UInt16(truncatingIfNeeded: request[2]) && response.status.rawValue == status
  }
}
