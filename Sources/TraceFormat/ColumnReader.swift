/// A block's columns, inflated into one buffer, each with a place to read on from.
struct ColumnReader: ~Copyable {
  /// All columns, one behind the other.
  var octets = OctetBuffer()
  private var places = WordTable(bits: 9)

  /// Starts over: all columns are empty.
  mutating func reset() { places.clear(512) }

  /// Says where a column lies in `octets`; the caller has checked that it does.
  mutating func place(_ column: UInt8, at range: Range<Int>) {
    places[Int(column) << 1] = UInt32(truncatingIfNeeded: range.lowerBound)
    places[Int(column) << 1 | 1] = UInt32(truncatingIfNeeded: range.upperBound)
  }

  /// Whether every column was read to its end.
  var isExhausted: Bool {
    (0..<256).allSatisfy { places[$0 << 1] == places[$0 << 1 | 1] }
  }

  /// Takes an octet.
  @inline(__always) mutating func octet(_ column: UInt8) throws(Corruption) -> UInt8 {
    let position = places[Int(column) << 1]
    guard position < places[Int(column) << 1 | 1] else { throw .shortColumn }
    places[Int(column) << 1] = position &+ 1
    return octets.octet(at: Int(position))
  }

  /// Takes a number of seven bits per octet.
  @inline(__always) mutating func variable(_ column: UInt8) throws(Corruption) -> UInt64 {
    let first = try octet(column)
    return first < 0x80 ? UInt64(first) : try rest(column, of: UInt64(first & 0x7f))
  }

  /// Takes `count` octets and drops them.
  mutating func skip(_ count: UInt64, of column: UInt8) throws(Corruption) {
    let position = places[Int(column) << 1]
    let left = places[Int(column) << 1 | 1] &- position
    guard count <= left else { throw .shortColumn }
    places[Int(column) << 1] = position &+ UInt32(truncatingIfNeeded: count)
  }

  @inline(never) private mutating func rest(
    _ column: UInt8, of low: UInt64
  ) throws(Corruption) -> UInt64 {
    var value = low
    for shift in stride(from: UInt64(7), through: 63, by: 7) {
      let next = try octet(column)
      guard shift < 63 || next < 2 else { throw .value }
      value |= UInt64(next & 0x7f) << shift
      if next < 0x80 { return value }
    }
    throw .value
  }
}
