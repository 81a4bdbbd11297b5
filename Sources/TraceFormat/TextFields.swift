/// Prints or parses the fields of a line. What prints is what parses: both run the same code.
protocol TextFields: ~Copyable {
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

extension TextFields where Self: ~Copyable {
  /// `NAME=` and a decimal number as wide as its type.
  mutating func field<T: FixedWidthInteger & UnsignedInteger>(
    _ name: String, _ actual: T
  ) throws(TraceTextError) -> T {
    T(truncatingIfNeeded: try field(name, UInt64(actual), upTo: UInt64(T.max)))
  }

  /// `NAME=` and a hexadecimal number as wide as its type.
  mutating func bits<T: FixedWidthInteger & UnsignedInteger>(
    _ name: String, _ actual: T
  ) throws(TraceTextError) -> T {
    T(truncatingIfNeeded: try bits(name, UInt64(actual), upTo: UInt64(T.max)))
  }

  /// `NAME=` and a number as wide as its type, or nothing at all.
  mutating func optional<T: FixedWidthInteger & UnsignedInteger>(
    _ name: String, _ actual: T?
  ) throws(TraceTextError) -> T? {
    try optional(name, actual.map { UInt64($0) }, upTo: UInt64(T.max)).map {
      T(truncatingIfNeeded: $0)
    }
  }
}

/// Prints fields, each behind a space.
struct TextFieldWriter: TextFields, ~Copyable {
  var output = OctetBuffer()

  mutating func word(_ actual: Int, of words: [String]) throws(TraceTextError) -> Int {
    output.append(0x20)
    output.append(text: words[actual])
    return actual
  }

  mutating func number(_ actual: UInt32) throws(TraceTextError) -> UInt32 {
    output.append(0x20)
    output.append(decimal: UInt64(actual))
    return actual
  }

  mutating func field(
    _ name: String, _ actual: UInt64, upTo limit: UInt64
  ) throws(TraceTextError) -> UInt64 {
    append(name)
    output.append(decimal: actual)
    return actual
  }

  mutating func bits(
    _ name: String, _ actual: UInt64, upTo limit: UInt64
  ) throws(TraceTextError) -> UInt64 {
    append(name)
    output.append(hexadecimal: actual)
    return actual
  }

  mutating func field(
    _ name: String, _ actual: Int, of words: [String]
  ) throws(TraceTextError) -> Int {
    append(name)
    output.append(text: words[actual])
    return actual
  }

  mutating func status(
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

  mutating func optional(
    _ name: String, _ actual: UInt64?, upTo limit: UInt64
  ) throws(TraceTextError) -> UInt64? {
    guard let actual else { return nil }
    return try field(name, actual, upTo: limit)
  }

  private mutating func append(_ name: String) {
    output.append(0x20)
    output.append(text: name)
    output.append(0x3d)
  }
}

/// Parses fields in the order in which they are printed.
struct TextFieldReader: TextFields, ~Copyable {
  var cursor = TextCursor()

  mutating func word(_ actual: Int, of words: [String]) throws(TraceTextError) -> Int {
    try cursor.take(oneOf: words)
  }

  mutating func number(_ actual: UInt32) throws(TraceTextError) -> UInt32 {
    UInt32(try number(upTo: UInt64(UInt32.max)))
  }

  /// A bare number up to `limit`.
  mutating func number(upTo limit: UInt64) throws(TraceTextError) -> UInt64 {
    cursor.skipSpaces()
    return try cursor.takeNumber(upTo: limit)
  }

  mutating func field(
    _ name: String, _ actual: UInt64, upTo limit: UInt64
  ) throws(TraceTextError) -> UInt64 {
    try cursor.take(field: name)
    return try cursor.takeNumber(upTo: limit)
  }

  mutating func bits(
    _ name: String, _ actual: UInt64, upTo limit: UInt64
  ) throws(TraceTextError) -> UInt64 {
    try field(name, actual, upTo: limit)
  }

  mutating func field(
    _ name: String, _ actual: Int, of words: [String]
  ) throws(TraceTextError) -> Int {
    try cursor.take(field: name)
    return try cursor.take(oneOf: words)
  }

  mutating func status(
    _ name: String, _ actual: Int16, _ names: [(Int16, String)]
  ) throws(TraceTextError) -> Int16 {
    try cursor.take(field: name)
    for (number, word) in names where cursor.takeIf(word: word) { return number }
    return try cursor.takeSigned()
  }

  mutating func optional(
    _ name: String, _ actual: UInt64?, upTo limit: UInt64
  ) throws(TraceTextError) -> UInt64? {
    cursor.takeIf(field: name) ? try cursor.takeNumber(upTo: limit) : nil
  }
}
