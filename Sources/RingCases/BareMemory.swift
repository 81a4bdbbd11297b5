import XenRing

/// The words of a ring page, of which nobody else knows.
final class BareMemory: RingMemory {
  private var words = [UInt32](repeating: 0, count: RingLayout.pageSize / 4)

  var byteCount: Int { 4 * words.count }

  func load(at offset: Int) -> UInt32 { words[offset / 4] }

  func loadAcquiring(at offset: Int) -> UInt32 { load(at: offset) }

  func store(_ value: UInt32, at offset: Int) { words[offset / 4] = value }

  func storeReleasing(_ value: UInt32, at offset: Int) { store(value, at: offset) }

  func storeHalf(_ value: UInt16, at offset: Int) {
    let shift = UInt32(offset & 2) * 8
    words[offset / 4] = words[offset / 4] & ~(0xffff << shift) | UInt32(value) << shift
  }

  /// Writes the slot of a TX ring.
  func write(_ slot: SlotWords, at index: RingIndex) {
    let first = Self.place(index)
    for word in 0..<3 { words[first + word] = slot[word] }
  }

  /// The slot of a TX ring as it stands.
  func slot(_ index: RingIndex) -> SlotWords {
    let first = Self.place(index)
    return [words[first], words[first + 1], words[first + 2], 0]
  }

  private static func place(_ index: RingIndex) -> Int {
    RingLayout.slots / 4 + Int(index.rawValue & 255) * 3
  }
}
