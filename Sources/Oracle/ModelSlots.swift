public import XenRing

/// The slots of a ring, all zeros at first. They are forgotten by a number, and not one by one.
public struct ModelSlots: Sendable {
  private struct Slot {
    var words: SlotWords = [0, 0, 0, 0]
    var generation: UInt32 = 0
  }

  private var slots: [Slot]
  private var generation: UInt32 = 0

  /// So many slots, a power of two.
  public init(_ count: UInt32) { slots = Array(repeating: Slot(), count: Int(count)) }

  /// The slot of an index.
  public subscript(index: UInt32) -> SlotWords {
    get {
      let slot = slots[Int(index & UInt32(slots.count - 1))]
      return slot.generation == generation ? slot.words : [0, 0, 0, 0]
    }
    set {
      slots[Int(index & UInt32(slots.count - 1))] = Slot(words: newValue, generation: generation)
    }
  }

  /// Makes all slots zeros.
  public mutating func forget() { generation &+= 1 }
}
