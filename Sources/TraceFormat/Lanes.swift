/// The pairs of vif and queue that a block speaks of, numbered as they come up.
struct Lanes: ~Copyable {
  private var pairs = WordTable(bits: 8)
  /// How many there are.
  private(set) var count = 0

  /// Forgets all, for the next block.
  mutating func removeAll() { count = 0 }

  /// The number of a pair that is known, the newest first.
  func number(of pair: UInt32) -> Int? {
    (0..<count).last { pairs[$0] == pair }
  }

  /// The pair of a number below `count`.
  func pair(_ number: Int) -> UInt32 { pairs[number] }

  /// Numbers a new pair; there are fewer than `TraceLimits.lanes`.
  mutating func append(_ pair: UInt32) {
    pairs[count] = pair
    count += 1
  }

  /// A vif and a queue as one word.
  static func pair(vif: UInt16, queue: UInt16) -> UInt32 { UInt32(vif) << 16 | UInt32(queue) }
}
