internal import XenInterface
internal import XenRing

/// One line of the text form and how far it was read.
struct TextCursor: ~Copyable {
  /// The line without its end.
  var line = OctetBuffer()
  /// Its number, from 1.
  var number = 0
  private var position = 0

  /// Turns to the start of the line that is now in `line`.
  mutating func start() { position = 0 }

  /// The error of not finding something here.
  func missing(_ expected: TraceTextExpectation) -> TraceTextError {
    TraceTextError(line: number, column: position + 1, expected: expected)
  }

  /// Whether there is nothing more, or only a comment.
  var isAtEnd: Bool {
    mutating get {
      skipSpaces()
      return position == line.count || peek == 0x23
    }
  }

  /// Whether the line begins with a space.
  var isContinuation: Bool { line.count > 0 && isSpace(line.octet(at: 0)) }

  /// Takes spaces and then nothing.
  mutating func takeEnd() throws(TraceTextError) {
    guard isAtEnd else { throw missing(.endOfLine) }
  }

  /// Takes one of some words and says which.
  mutating func take(oneOf words: [String]) throws(TraceTextError) -> Int {
    skipSpaces()
    for (place, word) in words.enumerated() where takeIf(word: word) { return place }
    throw missing(.oneOf(words))
  }

  /// Takes a word if it is there.
  mutating func takeIf(word: String) -> Bool {
    skipSpaces()
    guard let end = match(word), end == line.count || isSpace(line.octet(at: end)) else {
      return false
    }
    position = end
    return true
  }

  /// Takes `NAME=` if it is there.
  mutating func takeIf(field name: String) -> Bool {
    skipSpaces()
    guard let end = match(name), end < line.count, line.octet(at: end) == 0x3d else {
      return false
    }
    position = end + 1
    return true
  }

  /// Takes `NAME=`.
  mutating func take(field name: String) throws(TraceTextError) {
    guard takeIf(field: name) else { throw missing(.field(name)) }
  }

  /// Takes an octet if it is there.
  mutating func takeIf(_ octet: UInt8) -> Bool {
    guard position < line.count, peek == octet else { return false }
    position += 1
    return true
  }

  /// Takes a number in decimal, or in hexadecimal behind 0x.
  mutating func takeNumber(upTo limit: UInt64) throws(TraceTextError) -> UInt64 {
    let start = position
    let base: UInt64 = takeIf(0x30) && takeIf(0x78) ? 16 : 10
    if base == 10 { position = start }
    let first = position
    var value: UInt64 = 0
    while position < line.count, let digit = digitValue(peek), digit < base {
      let (product, high) = value.multipliedReportingOverflow(by: base)
      let (sum, over) = product.addingReportingOverflow(digit)
      guard !high, !over, sum <= limit else { return try fail(at: start, .number(upTo: limit)) }
      value = sum
      position += 1
    }
    guard position > first else { return try fail(at: start, .number(upTo: limit)) }
    return value
  }

  /// Takes a decimal number that may be negative.
  mutating func takeSigned() throws(TraceTextError) -> Int16 {
    let start = position
    let isNegative = takeIf(0x2d)
    guard let size = try? takeNumber(upTo: isNegative ? 0x8000 : 0x7fff) else {
      return try fail(at: start, .signedNumber)
    }
    return Int16(truncatingIfNeeded: isNegative ? -Int(size) : Int(size))
  }

  /// Takes a time in seconds.
  mutating func takeTime() throws(TraceTextError) -> MonotonicInstant {
    skipSpaces()
    let start = position
    guard let seconds = try? takeNumber(upTo: .max) else { return try fail(at: start, .time) }
    var nanoseconds: UInt64 = 0
    var unit: UInt64 = 100_000_000
    if takeIf(0x2e) {
      while position < line.count, peek >= 0x30, peek <= 0x39, unit > 0 {
        nanoseconds += UInt64(peek - 0x30) * unit
        unit /= 10
        position += 1
      }
    }
    let (product, high) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
    let (sum, over) = product.addingReportingOverflow(nanoseconds)
    guard !high, !over else { return try fail(at: start, .time) }
    return MonotonicInstant(nanoseconds: sum)
  }

  /// Takes octets in hexadecimal up to a space and appends them to `target`.
  mutating func takeOctets(into target: inout OctetBuffer) throws(TraceTextError) {
    while position < line.count, !isSpace(peek) {
      guard position + 1 < line.count, let high = digitValue(peek),
        let low = digitValue(line.octet(at: position + 1))
      else { throw missing(.octets) }
      target.append(UInt8(high << 4 | low))
      position += 2
    }
  }

  /// Takes text in quotes and appends its octets to `target`.
  mutating func takeText(into target: inout OctetBuffer) throws(TraceTextError) {
    skipSpaces()
    guard takeIf(0x22) else { throw missing(.text) }
    while !takeIf(0x22) {
      guard position < line.count else { throw missing(.text) }
      target.append(try takeIf(0x5c) ? takeEscaped() : takeAny())
    }
  }

  /// Takes text in quotes.
  mutating func takeText() throws(TraceTextError) -> String {
    var octets = OctetBuffer()
    let start = position
    try takeText(into: &octets)
    guard let text = String(validating: octets.bytes.array, as: UTF8.self) else {
      return try fail(at: start, .text)
    }
    return text
  }

  // MARK: - Octets

  private var peek: UInt8 { line.octet(at: position) }

  private mutating func takeAny() -> UInt8 {
    defer { position += 1 }
    return peek
  }

  private mutating func takeEscaped() throws(TraceTextError) -> UInt8 {
    if takeIf(0x22) { return 0x22 }
    if takeIf(0x5c) { return 0x5c }
    guard takeIf(0x78), position + 1 < line.count, let high = digitValue(peek),
      let low = digitValue(line.octet(at: position + 1))
    else { throw missing(.text) }
    position += 2
    return UInt8(high << 4 | low)
  }

  private mutating func fail<T>(
    at start: Int, _ expected: TraceTextExpectation
  ) throws(TraceTextError) -> T {
    position = start
    throw missing(expected)
  }

  /// Moves to what stands behind spaces.
  mutating func skipSpaces() {
    while position < line.count, isSpace(peek) { position += 1 }
  }

  private func match(_ word: String) -> Int? {
    var place = position
    for octet in word.utf8 {
      guard place < line.count, line.octet(at: place) == octet else { return nil }
      place += 1
    }
    return place
  }

  private func isSpace(_ octet: UInt8) -> Bool { octet == 0x20 || octet == 0x09 }

  private func digitValue(_ octet: UInt8) -> UInt64? {
    switch octet {
    case 0x30...0x39: UInt64(octet - 0x30)
    case 0x61...0x66: UInt64(octet - 0x57)
    case 0x41...0x46: UInt64(octet - 0x37)
    default: nil
    }
  }
}
