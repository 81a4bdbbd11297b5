import Netback
import TraceFormat
import XenRing

/// Slots that a guest publishes while a poll runs.
extension QueueReplay {
  /// Takes the slots out of a turn for which the ring has no room yet: a guest publishes them over
  /// answers of the same turn, and a replay has none before it runs. Those that the turn takes
  /// itself, from `start` to `end`, lie over answers; they wait only where they lie over each other.
  mutating func takeSlotsAhead(taking start: RingIndex, to end: RingIndex) -> [Turn.Entry] {
    let answered = queue.tx.responseProducer
    return txTurn.extract { entry in
      guard case .slot(.tx, let index, _) = entry.event.body else { return false }
      let limit = (index.isBehind(end) ? start : answered).advanced(by: UInt32(GuestSlots.count))
      return !index.isBehind(limit)
    }
  }

  /// Puts them into the next turn.
  mutating func putBack(_ slots: [Turn.Entry]) {
    for entry in slots { txTurn.append(entry.event, RawSpan(), number: entry.number) }
  }
}
