import XenRing

/// A ring's page that watches its backend: whether it reads a word of a slot twice.
final class PlayedRing: RingMemory {
  private struct Word {
    var value: UInt32 = 0
    var generation: UInt32 = 0
    /// Whether the backend has read it since it was written.
    var isRead = false
  }

  private static let words = RingLayout.pageSize / 4
  private static let firstSlot = RingLayout.slots / 4

  /// Words of a slot.
  private let stride: Int
  /// Words of an answer.
  private let answer: Int
  private let fault: PlayedRingFault
  private let mask: UInt32
  private var words = [Word](repeating: Word(), count: words)
  /// Guests that have used the page: what others left in it is zero.
  private var generation: UInt32 = 0
  private var flips: [(place: Int, value: UInt32)] = []
  /// A word that was read twice, by its place in the page.
  private(set) var readTwice: Int?

  /// An empty ring.
  init(stride: Int, answer: Int, _ fault: PlayedRingFault) {
    self.stride = stride
    self.answer = answer
    self.fault = fault
    mask = RingLayout.capacity(byteCount: RingLayout.pageSize, stride: 4 * stride) - 1
  }

  /// Begins anew, with nothing written and indices that start there.
  func restart(at start: UInt32) {
    generation &+= 1
    if !flips.isEmpty { flips.removeAll(keepingCapacity: true) }
    readTwice = nil
    RingLayout.initialize(self)
    store(start, at: RingLayout.requestProducer)
    store(start, at: RingLayout.responseProducer)
    store(start &+ 1, at: RingLayout.responseEvent)
  }

  var capacity: UInt32 { mask + 1 }
  var byteCount: Int { 4 * Self.words }

  // MARK: - The backend's side

  func load(at offset: Int) -> UInt32 {
    let place = offset / 4
    let word = self[word: place]
    guard place >= Self.firstSlot else { return word.value }
    guard word.isRead || fault.readsTwice else {
      self[word: place].isRead = true
      return word.value
    }
    readTwice = readTwice ?? place
    return flips.last { $0.place == place }?.value ?? word.value
  }

  func loadAcquiring(at offset: Int) -> UInt32 { load(at: offset) }

  func store(_ value: UInt32, at offset: Int) {
    self[word: offset / 4].value = value
    renew(offset / 4)
    leak(behind: offset / 4)
  }

  /// What a fault adds to an answer.
  private func leak(behind place: Int) {
    let word = (place - Self.firstSlot) % stride
    guard fault.leaks, place >= Self.firstSlot, word < answer else { return }
    for behind in answer..<stride { self[word: place - word + behind].value = 0x5eed_0000 }
  }

  func storeReleasing(_ value: UInt32, at offset: Int) { store(value, at: offset) }

  func storeHalf(_ value: UInt16, at offset: Int) {
    let shift = UInt32(offset & 2) * 8
    store(
      self[word: offset / 4].value & ~(0xffff << shift) | UInt32(value) << shift, at: offset & ~3)
  }

  /// Whoever writes a word of a slot makes it one that may be read again, a lap later.
  private func renew(_ place: Int) {
    guard place >= Self.firstSlot else { return }
    let first = place - (place - Self.firstSlot) % stride
    for word in first..<first + stride { self[word: word].isRead = false }
    if !flips.isEmpty { flips.removeAll { first..<first + stride ~= $0.place } }
  }

  // MARK: - The guest's side

  /// Writes a slot.
  func write(_ slot: SlotWords, at index: UInt32) {
    let first = place(index)
    for word in 0..<stride { self[word: first + word].value = slot[word] }
    renew(first)
  }

  /// A slot as it stands.
  func slot(_ index: UInt32) -> SlotWords {
    var slot = SlotWords(repeating: 0)
    for word in 0..<stride { slot[word] = self[word: place(index) + word].value }
    return slot
  }

  /// Has a word of a slot read as this from the second time on.
  func flip(_ index: UInt32, word: Int, to value: UInt32) {
    guard word < stride else { return }
    flips.append((place(index) + word, value))
  }

  /// One of the four words before the slots, by its offset in `RingLayout`.
  subscript(index offset: Int) -> UInt32 {
    get { self[word: offset / 4].value }
    set { self[word: offset / 4].value = newValue }
  }

  private subscript(word place: Int) -> Word {
    get { words[place].generation == generation ? words[place] : Word() }
    set {
      words[place] = newValue
      words[place].generation = generation
    }
  }

  private func place(_ index: UInt32) -> Int { Self.firstSlot + Int(index & mask) * stride }
}
