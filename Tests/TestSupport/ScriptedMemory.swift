public import XenRing

/// Ring memory whose words change between two reads, as a hostile guest's do.
///
/// It counts the reads of every word, so "read exactly once" is something a test can state.
public final class ScriptedMemory: RingMemory {
  /// See `RingMemory`.
  public let byteCount: Int
  /// The words as they stand.
  public private(set) var words: [UInt32]
  /// How often each word was read.
  public private(set) var reads: [Int]
  private var laterAnswers: [Int: [UInt32]] = [:]
  /// Called ahead of each store of a whole word, with its offset.
  public var willStore: ((Int) -> Void)?

  /// Makes zeroed memory of `byteCount` octets.
  public init(byteCount: Int = RingLayout.pageSize) {
    self.byteCount = byteCount
    words = Array(repeating: 0, count: byteCount / 4)
    reads = words.map { _ in 0 }
  }

  /// Makes every read of the word at `offset` after the first see the next of `values`.
  public func answerLaterReads(at offset: Int, with values: [UInt32]) {
    laterAnswers[offset / 4] = values
  }

  /// Forgets what was read so far.
  public func resetReads() { reads = words.map { _ in 0 } }

  /// See `RingMemory`.
  public func load(at offset: Int) -> UInt32 {
    let word = offset / 4
    defer { change(word) }
    reads[word] += 1
    return words[word]
  }

  /// See `RingMemory`.
  public func loadAcquiring(at offset: Int) -> UInt32 { load(at: offset) }

  /// See `RingMemory`.
  public func store(_ value: UInt32, at offset: Int) {
    willStore?(offset)
    words[offset / 4] = value
  }

  /// See `RingMemory`.
  public func storeReleasing(_ value: UInt32, at offset: Int) { store(value, at: offset) }

  /// See `RingMemory`.
  public func storeHalf(_ value: UInt16, at offset: Int) {
    let shift = UInt32(offset & 2) * 8
    words[offset / 4] &= ~(0xffff << shift)
    words[offset / 4] |= UInt32(value) << shift
  }

  private func change(_ word: Int) {
    guard let next = laterAnswers[word]?.first else { return }
    words[word] = next
    laterAnswers[word]?.removeFirst()
  }
}
