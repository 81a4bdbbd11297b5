import XenRing

/// The words of a ring's page, which know what the backend has read of each slot.
///
/// Their class asks for exclusive access to them once for what is done, not for each word.
struct PlayedWords {
  private struct Word {
    var value: UInt32 = 0
    var generation: UInt32 = 0
    /// Whether the backend has read it since it was written.
    var isRead = false
  }

  static let count = RingLayout.pageSize / 4
  private static let firstSlot = RingLayout.slots / 4

  /// Words of a slot.
  private let stride: Int
  /// Words of an answer.
  private let answer: Int
  private let fault: PlayedRingFault
  let capacity: UInt32
  private var words = [Word](repeating: Word(), count: count)
  /// Guests that have used the page: what others left in it is zero.
  private var generation: UInt32 = 0
  private var flips: [(place: Int, value: UInt32)] = []
  /// A word that was read twice, by its place in the page.
  private(set) var readTwice: Int?

  init(stride: Int, answer: Int, _ fault: PlayedRingFault) {
    self.stride = stride
    self.answer = answer
    self.fault = fault
    capacity = RingLayout.capacity(byteCount: RingLayout.pageSize, stride: 4 * stride)
  }

  /// Makes all words zero.
  mutating func forget() {
    generation &+= 1
    if !flips.isEmpty { flips.removeAll(keepingCapacity: true) }
    readTwice = nil
  }

  /// A word, by its place in the page.
  subscript(place: Int) -> UInt32 {
    get { words[place].generation == generation ? words[place].value : 0 }
    set { words[place] = Word(value: newValue, generation: generation) }
  }

  // MARK: - The backend's side

  mutating func load(_ place: Int) -> UInt32 {
    let value = self[place]
    guard place >= Self.firstSlot else { return value }
    let isRead = words[place].generation == generation && words[place].isRead
    guard isRead || fault.readsTwice else {
      words[place] = Word(value: value, generation: generation, isRead: true)
      return value
    }
    readTwice = readTwice ?? place
    return flips.last { $0.place == place }?.value ?? value
  }

  mutating func store(_ value: UInt32, _ place: Int) {
    self[place] = value
    guard place >= Self.firstSlot else { return }
    let word = (place - Self.firstSlot) % stride
    renew(from: place - word)
    if fault.leaks, word < answer { leak(behind: place - word) }
  }

  /// What a fault adds to the answer in a slot.
  private mutating func leak(behind first: Int) {
    for word in answer..<stride { self[first + word] = 0x5eed_0000 }
  }

  /// Whoever writes a word of a slot makes it one that may be read again, a lap later.
  private mutating func renew(from first: Int) {
    for place in first..<first + stride { words[place].isRead = false }
    if !flips.isEmpty { flips.removeAll { first..<first + stride ~= $0.place } }
  }

  // MARK: - The guest's side

  mutating func write(_ slot: SlotWords, at index: UInt32) {
    let first = place(index)
    for word in 0..<stride { self[first + word] = slot[word] }
    renew(from: first)
  }

  func slot(_ index: UInt32) -> SlotWords {
    let first = place(index)
    var slot = SlotWords(repeating: 0)
    for word in 0..<stride { slot[word] = self[first + word] }
    return slot
  }

  /// Has a word of a slot read as this from the second time on.
  mutating func flip(_ index: UInt32, word: Int, to value: UInt32) {
    if word < stride { flips.append((place(index) + word, value)) }
  }

  private func place(_ index: UInt32) -> Int {
    Self.firstSlot + Int(index & (capacity - 1)) * stride
  }
}
