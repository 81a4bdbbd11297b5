/// Up to four 32-bit little-endian words, copied out of a slot or on their way into one.
public typealias SlotWords = InlineArray<4, UInt32>

/// A request or a response as it lies in a ring slot.
public protocol RingSlot: Sendable {
  /// Number of words it takes, 1 to 4.
  static var wordCount: Int { get }
  /// Takes the words apart. Every bit pattern is a value: nothing is checked here.
  init(words: SlotWords)
  /// The words as they go into the ring; words past `wordCount` are zero.
  var words: SlotWords { get }
}
