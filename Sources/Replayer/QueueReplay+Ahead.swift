import TraceFormat
import XenRing

/// Slots that a guest publishes while a poll runs.
extension QueueReplay {
  /// Takes the slots out of a turn that lie where requests lie which the backend has yet to take: a
  /// guest publishes them over answers of the same poll, and a replay has none before it polls.
  mutating func takeSlotsAhead(of consumer: RingIndex) -> [Turn.Entry] {
    txTurn.extract { entry in
      guard case .slot(.tx, let index, _) = entry.event.body else { return false }
      let ahead = index.distance(from: consumer)
      return ahead >= UInt32(GuestSlots.count) && ahead <= UInt32.max / 2
    }
  }

  /// Puts them into the next turn.
  mutating func putBack(_ slots: [Turn.Entry]) {
    for entry in slots { txTurn.append(entry.event, RawSpan(), number: entry.number) }
  }
}
