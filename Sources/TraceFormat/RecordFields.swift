/// Writes or reads the fields of a record. What writes is what reads: both run the same code.
package protocol RecordFields: ~Copyable {
  /// A word out of a list, by its place.
  mutating func word(_ actual: Int, of words: [String]) throws(TraceTextError) -> Int
  /// A bare number.
  mutating func number(_ actual: UInt32) throws(TraceTextError) -> UInt32
  /// `NAME=` and a decimal number up to `limit`.
  mutating func field(
    _ name: String, _ actual: UInt64, upTo limit: UInt64
  ) throws(TraceTextError) -> UInt64
  /// `NAME=` and a hexadecimal number up to `limit`.
  mutating func bits(
    _ name: String, _ actual: UInt64, upTo limit: UInt64
  ) throws(TraceTextError) -> UInt64
  /// `NAME=` and a word out of a list.
  mutating func field(
    _ name: String, _ actual: Int, of words: [String]
  ) throws(TraceTextError) -> Int
  /// `NAME=` and one of some numbers' names, or the number itself.
  mutating func status(
    _ name: String, _ actual: Int16, _ names: [(Int16, String)]
  ) throws(TraceTextError) -> Int16
  /// `NAME=` and a decimal number, or nothing at all.
  mutating func optional(
    _ name: String, _ actual: UInt64?, upTo limit: UInt64
  ) throws(TraceTextError) -> UInt64?
}

extension RecordFields where Self: ~Copyable {
  /// `NAME=` and a decimal number as wide as its type.
  package mutating func field<T: FixedWidthInteger & UnsignedInteger>(
    _ name: String, _ actual: T
  ) throws(TraceTextError) -> T {
    T(truncatingIfNeeded: try field(name, UInt64(actual), upTo: UInt64(T.max)))
  }

  /// `NAME=` and a hexadecimal number as wide as its type.
  package mutating func bits<T: FixedWidthInteger & UnsignedInteger>(
    _ name: String, _ actual: T
  ) throws(TraceTextError) -> T {
    T(truncatingIfNeeded: try bits(name, UInt64(actual), upTo: UInt64(T.max)))
  }

  /// `NAME=` and a number as wide as its type, or nothing at all.
  package mutating func optional<T: FixedWidthInteger & UnsignedInteger>(
    _ name: String, _ actual: T?
  ) throws(TraceTextError) -> T? {
    try optional(name, actual.map { UInt64($0) }, upTo: UInt64(T.max)).map {
      T(truncatingIfNeeded: $0)
    }
  }
}

/// Prints fields, with a space between two on a line.
package struct TextFieldWriter: RecordFields, ~Copyable {
  var output = OctetBuffer()

  /// Nothing printed.
  package init() {}

  package mutating func word(_ actual: Int, of words: [String]) throws(TraceTextError) -> Int {
    separate()
    output.append(text: words[actual])
    return actual
  }

  package mutating func number(_ actual: UInt32) throws(TraceTextError) -> UInt32 {
    separate()
    output.append(decimal: UInt64(actual))
    return actual
  }

  package mutating func field(
    _ name: String, _ actual: UInt64, upTo limit: UInt64
  ) throws(TraceTextError) -> UInt64 {
    append(name)
    output.append(decimal: actual)
    return actual
  }

  package mutating func bits(
    _ name: String, _ actual: UInt64, upTo limit: UInt64
  ) throws(TraceTextError) -> UInt64 {
    append(name)
    output.append(hexadecimal: actual)
    return actual
  }

  package mutating func field(
    _ name: String, _ actual: Int, of words: [String]
  ) throws(TraceTextError) -> Int {
    append(name)
    output.append(text: words[actual])
    return actual
  }

  package mutating func status(
    _ name: String, _ actual: Int16, _ names: [(Int16, String)]
  ) throws(TraceTextError) -> Int16 {
    append(name)
    if let known = names.first(where: { $0.0 == actual }) {
      output.append(text: known.1)
    } else {
      if actual < 0 { output.append(0x2d) }
      output.append(decimal: UInt64(actual.magnitude))
    }
    return actual
  }

  package mutating func optional(
    _ name: String, _ actual: UInt64?, upTo limit: UInt64
  ) throws(TraceTextError) -> UInt64? {
    guard let actual else { return nil }
    return try field(name, actual, upTo: limit)
  }

  /// Ends the line.
  package mutating func endLine() { output.append(0x0a) }

  /// What was printed.
  package var octets: RawSpan {
    @_lifetime(borrow self) get { output.bytes }
  }

  private mutating func separate() {
    guard output.count > 0, output.octet(at: output.count - 1) != 0x0a else { return }
    output.append(0x20)
  }

  private mutating func append(_ name: String) {
    separate()
    output.append(text: name)
    output.append(0x3d)
  }
}

/// Parses fields in the order in which they are printed.
package struct TextFieldReader: RecordFields, ~Copyable {
  var cursor = TextCursor()

  /// At no line.
  package init() {}

  package mutating func word(_ actual: Int, of words: [String]) throws(TraceTextError) -> Int {
    try cursor.take(oneOf: words)
  }

  package mutating func number(_ actual: UInt32) throws(TraceTextError) -> UInt32 {
    UInt32(try number(upTo: UInt64(UInt32.max)))
  }

  /// A bare number up to `limit`.
  mutating func number(upTo limit: UInt64) throws(TraceTextError) -> UInt64 {
    cursor.skipSpaces()
    return try cursor.takeNumber(upTo: limit)
  }

  package mutating func field(
    _ name: String, _ actual: UInt64, upTo limit: UInt64
  ) throws(TraceTextError) -> UInt64 {
    try cursor.take(field: name)
    return try cursor.takeNumber(upTo: limit)
  }

  package mutating func bits(
    _ name: String, _ actual: UInt64, upTo limit: UInt64
  ) throws(TraceTextError) -> UInt64 {
    try field(name, actual, upTo: limit)
  }

  package mutating func field(
    _ name: String, _ actual: Int, of words: [String]
  ) throws(TraceTextError) -> Int {
    try cursor.take(field: name)
    return try cursor.take(oneOf: words)
  }

  package mutating func status(
    _ name: String, _ actual: Int16, _ names: [(Int16, String)]
  ) throws(TraceTextError) -> Int16 {
    try cursor.take(field: name)
    for (number, word) in names where cursor.takeIf(word: word) { return number }
    return try cursor.takeSigned()
  }

  package mutating func optional(
    _ name: String, _ actual: UInt64?, upTo limit: UInt64
  ) throws(TraceTextError) -> UInt64? {
    cursor.takeIf(field: name) ? try cursor.takeNumber(upTo: limit) : nil
  }
}
