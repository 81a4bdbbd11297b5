import Netif
import TraceFormat
import XenInterface
import XenRing

/// The data of the slots that a turn takes.
extension GuestSlots {
  /// A slot's words as the trace has them, with a page of this world, or a reference that is in no table.
  mutating func resolve(
    _ words: TraceEvent.Words, at index: RingIndex, kind: TxSlotWalker.Kind, isBad: Bool
  ) -> SlotWords {
    var slot: SlotWords = [words.w0, words.w1, words.w2, 0]
    if kind == .extra {
      clear(at: index)
    } else {
      slot[0] = assign(TxRequest(words: slot), at: index, kind: kind, isBad: isBad).rawValue
    }
    return slot
  }

  /// Finds the slots from one index to another that name pages.
  func find(_ found: inout [PollScene.DataSlot], from start: RingIndex, to end: RingIndex) {
    found.removeAll(keepingCapacity: true)
    for ahead in 0..<min(end.distance(from: start), UInt32(Self.count)) {
      let place = Self.place(of: start.advanced(by: ahead))
      if let slot = dataSlot(at: place) { found.append(slot) }
    }
  }

  /// Fills what slots name with something, for the snap length may have cut what was there.
  mutating func fill(_ taken: [PollScene.DataSlot]) {
    var position = 0
    for (place, slot) in taken.enumerated() {
      if slot.isHead { position = 0 }
      let size = slot.isHead ? slot.ownSize(before: taken[(place + 1)...]) : slot.size
      fill(place: slot.place, offset: Int(slot.offset), count: Int(size), position: position)
      position += Int(size)
    }
  }

  /// Writes what the memory held that slots of a turn name.
  mutating func write(
    memoryOf turn: Turn, for taken: [PollScene.DataSlot], _ scene: inout PollScene
  ) -> MemoryTally {
    var tally = MemoryTally()
    for entry in turn.entries {
      guard case .memory(let operand) = entry.event.body else { continue }
      tally.count(operand, isIndependent: scene.isCopied(operand))
      for slot in taken where slot.grant == operand.grant {
        write(turn.octets(of: entry), at: Int(operand.offset), place: slot.place)
      }
    }
    return tally
  }

  /// Whether this world can make operations fail like these, without help: a bad reference can be put
  /// in place of a page's, and no more.
  func canExpress(_ status: GrantStatus, at place: Int) -> Bool {
    status == .badGrantReference && namesPage(at: place)
  }
}
