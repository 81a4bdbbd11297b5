/// Words that another domain may write at any moment.
///
/// The seam through which rings see memory: `SharedPage` in life, a scripted memory in a test that
/// answers a second read of the same word differently. Offsets are octets from the page's start.
public protocol RingMemory: ~Copyable {
  /// Size in octets.
  var byteCount: Int { get }
  /// Loads the 32-bit word at `offset` once, in no order with other accesses.
  func load(at offset: Int) -> UInt32
  /// Loads the word at `offset` once; later accesses stay after it.
  func loadAcquiring(at offset: Int) -> UInt32
  /// Stores the word at `offset` once, in no order with other accesses.
  func store(_ value: UInt32, at offset: Int)
  /// Stores the word at `offset` once; earlier accesses stay before it.
  func storeReleasing(_ value: UInt32, at offset: Int)
  /// Stores the 16-bit half word at `offset`, leaving its neighbours as they are.
  func storeHalf(_ value: UInt16, at offset: Int)
  /// Loads `count` words, 1 to 4, from `offset` on, each once, in no order; the others are zero.
  func loadWords(_ count: Int, at offset: Int) -> SlotWords
}

extension RingMemory where Self: ~Copyable {
  /// Loads word by word.
  @inlinable public func loadWords(_ count: Int, at offset: Int) -> SlotWords {
    var words = SlotWords(repeating: 0)
    for word in 0..<count { words[word] = load(at: offset + 4 * word) }
    return words
  }
}
