/// Writes or reads one field of an event against what was predicted for it.
///
/// The model speaks to it in one way for both directions, so that writer and reader cannot differ.
protocol FieldCoder: ~Copyable {
  /// Whether actual values are known, as they are when writing.
  static var writes: Bool { get }
  /// Begins an event, whose kind is known already when reading; its fields follow.
  mutating func begin(_ kind: EventKind)
  /// Codes field `number` of the current event: `actual` when writing, else what is read.
  mutating func code(
    _ number: UInt8, _ actual: UInt32, predicted: UInt32
  ) throws(Corruption) -> UInt32
}

extension FieldCoder where Self: ~Copyable {
  /// Codes a 16-bit field.
  @inline(__always) mutating func code(
    _ number: UInt8, _ actual: UInt16, predicted: UInt16
  ) throws(Corruption) -> UInt16 {
    let value = try code(number, UInt32(actual), predicted: UInt32(predicted))
    guard value <= UInt16.max else { throw .value }
    return UInt16(truncatingIfNeeded: value)
  }

  /// Codes a field whose values are below `limit`.
  @inline(__always) mutating func code(
    _ number: UInt8, _ actual: UInt32, predicted: UInt32, below limit: UInt32
  ) throws(Corruption) -> UInt32 {
    let value = try code(number, actual, predicted: predicted)
    guard value < limit else { throw .value }
    return value
  }
}

/// Folds a signed difference so that small ones of either sign are small numbers.
@inline(__always) func zigzag(_ difference: UInt32) -> UInt32 {
  let signed = Int32(bitPattern: difference)
  return UInt32(bitPattern: signed << 1 ^ signed >> 31)
}

/// The reverse of `zigzag`.
@inline(__always) func unzigzag(_ folded: UInt32) -> UInt32 {
  folded >> 1 ^ (0 &- (folded & 1))
}

/// Puts fields that differ from their prediction into columns, and their bits into a mask.
struct FieldWriter: FieldCoder, ~Copyable {
  static var writes: Bool { true }
  /// The columns of the open block.
  var columns = ColumnSet()
  /// Fields of the current event that were not as predicted.
  private(set) var mask: UInt8 = 0
  /// Kind of the current event, and its number.
  private(set) var kind = EventKind.other
  private(set) var kindNumber = EventKind.other.rawValue
  /// Octets in the columns, roughly from above: enough to close the block in time.
  var size = 0

  @inline(__always) mutating func begin(_ kind: EventKind) {
    self.kind = kind
    kindNumber = kind.rawValue
    mask = 0
  }

  @inline(__always) mutating func code(
    _ number: UInt8, _ actual: UInt32, predicted: UInt32
  ) throws(Corruption) -> UInt32 {
    if actual != predicted { put(number, actual &- predicted) }
    return actual
  }

  /// Apart, so that a field that is as predicted costs a comparison.
  @inline(never) private mutating func put(_ number: UInt8, _ difference: UInt32) {
    mask |= 1 &<< number
    size &+= 3
    columns[kindNumber << 3 | number].append(variable: UInt64(zigzag(difference)))
  }
}

/// Takes fields that differ from their prediction out of columns.
struct FieldReader: FieldCoder, ~Copyable {
  static var writes: Bool { false }
  /// The columns of the block.
  var columns = ColumnReader()
  /// Fields of the current event that are not as predicted.
  var mask: UInt8 = 0
  /// Shifted kind of the current event: the number of its first column.
  var firstColumn: UInt8 = 0

  @inline(__always) mutating func begin(_ kind: EventKind) {}

  @inline(__always) mutating func code(
    _ number: UInt8, _ actual: UInt32, predicted: UInt32
  ) throws(Corruption) -> UInt32 {
    mask & 1 << number == 0 ? predicted : try taken(number, predicted)
  }

  @inline(never) private mutating func taken(
    _ number: UInt8, _ predicted: UInt32
  ) throws(Corruption) -> UInt32 {
    let folded = try columns.variable(firstColumn | number)
    guard folded <= UInt32.max else { throw .value }
    return predicted &+ unzigzag(UInt32(truncatingIfNeeded: folded))
  }
}
