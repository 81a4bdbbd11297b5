import XenInterface

/// Something that makes cases from a seed.
protocol Drawing {
  /// Where its numbers come from.
  var random: SeededGenerator { get set }
}

extension Drawing {
  /// A number of the range.
  mutating func pick<Value: FixedWidthInteger>(_ range: ClosedRange<Value>) -> Value {
    .random(in: range, using: &random)
  }

  /// One of the values.
  mutating func pick<Value>(from values: [Value]) -> Value {
    values[pick(0...values.count - 1)]
  }

  /// True `wins` times of `all`.
  mutating func chance(_ wins: Int, of all: Int) -> Bool { pick(1...all) <= wins }
}
