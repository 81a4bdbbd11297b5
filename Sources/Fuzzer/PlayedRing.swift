import XenRing

/// A ring's page that watches its backend: whether it reads a word of a slot twice.
final class PlayedRing: RingMemory {
  private var words: PlayedWords
  /// Slots of the ring.
  let capacity: UInt32

  /// An empty ring.
  init(stride: Int, answer: Int, _ fault: PlayedRingFault) {
    words = PlayedWords(stride: stride, answer: answer, fault)
    capacity = words.capacity
  }

  /// Begins anew, with nothing written and indices that start there.
  func restart(at start: UInt32) {
    words.forget()
    self[index: RingLayout.requestProducer] = start
    self[index: RingLayout.requestEvent] = 1
    self[index: RingLayout.responseProducer] = start
    self[index: RingLayout.responseEvent] = start &+ 1
  }

  var byteCount: Int { 4 * PlayedWords.count }

  // MARK: - The backend's side

  func load(at offset: Int) -> UInt32 { words.load(offset / 4) }

  func loadAcquiring(at offset: Int) -> UInt32 { load(at: offset) }

  func store(_ value: UInt32, at offset: Int) { words.store(value, offset / 4) }

  func storeReleasing(_ value: UInt32, at offset: Int) { store(value, at: offset) }

  func storeHalf(_ value: UInt16, at offset: Int) {
    let shift = UInt32(offset & 2) * 8
    let rest = words[offset / 4] & ~(0xffff << shift)
    words.store(rest | UInt32(value) << shift, offset / 4)
  }

  // MARK: - The guest's side

  /// A word that was read twice, by its place in the page.
  var readTwice: Int? { words.readTwice }

  /// Writes a slot.
  func write(_ slot: SlotWords, at index: UInt32) { words.write(slot, at: index) }

  /// A slot as it stands.
  func slot(_ index: UInt32) -> SlotWords { words.slot(index) }

  /// Has a word of a slot read as this from the second time on.
  func flip(_ index: UInt32, word: Int, to value: UInt32) {
    words.flip(index, word: word, to: value)
  }

  /// One of the four words before the slots, by its offset in `RingLayout`.
  subscript(index offset: Int) -> UInt32 {
    get { words[offset / 4] }
    set { words[offset / 4] = newValue }
  }
}
