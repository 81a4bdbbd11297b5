import Netif

/// The answers to a case, parted by what makes them.
///
/// Linux answers refused, empty and copied slots while it polls, in an order that its code fixes.
/// It answers mapped slots, of a packet without a failed slot, from another thread, when their
/// frame was released: in the order of the packets and their slots, as the network stack of a
/// capture lets go of each frame before the next one comes. That thread runs when it can: where its
/// answers fall among those of the polls is chance, but never ahead of what the poll answers of the
/// same packet or of an earlier one.
struct AnswerParts {
  /// Answers that polls make, in ring order.
  private(set) var polled: [AnsweredSlot] = []
  /// Answers that releases make, in ring order.
  private(set) var released: [AnsweredSlot] = []
  /// Whether the answer to a release stands ahead of where it can.
  private(set) var isReleasedEarly = false

  /// Parts an answer to `asked`.
  init(_ answer: CaseAnswer, to asked: TxCase) {
    let ends = Self.mappedSlots(asked, failed: answer.slots.filter { $0.status != .okay })
    var firstPolled = UInt16.max
    for slot in answer.slots.reversed() {
      if let end = ends[slot.id] {
        released.append(slot)
        isReleasedEarly = isReleasedEarly || firstPolled <= end
      } else {
        polled.append(slot)
        firstPolled = min(firstPolled, slot.id)
      }
    }
    polled.reverse()
    released.reverse()
  }

  /// The slots that wait for a release, each with the last slot of its packet.
  private static func mappedSlots(
    _ asked: TxCase, failed: [AnsweredSlot]
  ) -> [UInt16: UInt16] {
    let failed = Set(failed.map(\.id))
    var ends: [UInt16: UInt16] = [:]
    var base = 0
    for slots in asked.publishes {
      for packet in PacketShape.packets(in: slots) {
        let ids = packet.data.map { UInt16(truncatingIfNeeded: base + $0) }
        guard let end = ids.last, failed.isDisjoint(with: ids) else { continue }
        for place in packet.mapped { ends[UInt16(truncatingIfNeeded: base + place)] = end }
      }
      base += slots.count
    }
    return ends
  }
}
