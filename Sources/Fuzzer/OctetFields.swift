import TraceFormat

/// Writes fields as octets: a number in as many as its limit takes, little-endian; a word by its number.
struct OctetFieldWriter: RecordFields, ~Copyable {
  private(set) var octets: [UInt8] = []

  mutating func word(_ actual: Int, of words: [String]) -> Int {
    octets.append(UInt8(truncatingIfNeeded: actual))
    return actual
  }

  mutating func number(_ actual: UInt32) -> UInt32 {
    put(UInt64(actual), UInt64(UInt32.max))
    return actual
  }

  mutating func field(_ name: String, _ actual: UInt64, upTo limit: UInt64) -> UInt64 {
    put(actual, limit)
    return actual
  }

  mutating func bits(_ name: String, _ actual: UInt64, upTo limit: UInt64) -> UInt64 {
    field(name, actual, upTo: limit)
  }

  mutating func field(_ name: String, _ actual: Int, of words: [String]) -> Int {
    word(actual, of: words)
  }

  mutating func status(_ name: String, _ actual: Int16, _ names: [(Int16, String)]) -> Int16 {
    put(UInt64(UInt16(bitPattern: actual)), UInt64(UInt16.max))
    return actual
  }

  mutating func optional(_ name: String, _ actual: UInt64?, upTo limit: UInt64) -> UInt64? {
    octets.append(actual == nil ? 0 : 1)
    return actual.map { field(name, $0, upTo: limit) }
  }

  private mutating func put(_ value: UInt64, _ limit: UInt64) {
    for place in 0..<OctetWidth.octets(upTo: limit) {
      octets.append(UInt8(truncatingIfNeeded: value >> (8 * UInt64(place))))
    }
  }
}

/// Reads fields from octets, whatever they are: a number beyond its limit is taken modulo, what lies behind
/// the end is zero.
struct OctetFieldReader: RecordFields, ~Copyable {
  private let octets: [UInt8]
  private var place = 0

  init(_ octets: [UInt8]) { self.octets = octets }

  var isAtEnd: Bool { place >= octets.count }

  mutating func word(_ actual: Int, of words: [String]) -> Int { Int(take(1)) % words.count }

  mutating func number(_ actual: UInt32) -> UInt32 { UInt32(truncatingIfNeeded: take(4)) }

  mutating func field(_ name: String, _ actual: UInt64, upTo limit: UInt64) -> UInt64 {
    let value = take(OctetWidth.octets(upTo: limit))
    return value <= limit ? value : value % (limit + 1)
  }

  mutating func bits(_ name: String, _ actual: UInt64, upTo limit: UInt64) -> UInt64 {
    field(name, actual, upTo: limit)
  }

  mutating func field(_ name: String, _ actual: Int, of words: [String]) -> Int {
    word(actual, of: words)
  }

  mutating func status(_ name: String, _ actual: Int16, _ names: [(Int16, String)]) -> Int16 {
    Int16(truncatingIfNeeded: take(2))
  }

  mutating func optional(_ name: String, _ actual: UInt64?, upTo limit: UInt64) -> UInt64? {
    take(1) & 1 == 0 ? nil : field(name, 0, upTo: limit)
  }

  private mutating func take(_ count: Int) -> UInt64 {
    var value: UInt64 = 0
    for octet in 0..<count where place + octet < octets.count {
      value |= UInt64(octets[place + octet]) << (8 * UInt64(octet))
    }
    place += count
    return value
  }
}

/// How many octets a number takes.
private enum OctetWidth {
  static func octets(upTo limit: UInt64) -> Int {
    limit <= 0xff ? 1 : limit <= 0xffff ? 2 : limit <= 0xffff_ffff ? 4 : 8
  }
}
