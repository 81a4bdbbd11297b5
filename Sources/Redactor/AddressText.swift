/// Addresses as words of a text: store keys, notes.
enum AddressText {
  private static let colon: Character = ":"
  private static let stop: Character = "."

  /// A text with its addresses replaced.
  ///
  /// - Parameter image: what stands for an address; nil when it stays.
  static func replaced(_ text: [UInt8], _ image: (TextAddress) -> String?) -> [UInt8] {
    var result: [UInt8] = []
    var word: [UInt8] = []
    for octet in text {
      guard !isOfAddress(octet) else {
        word.append(octet)
        continue
      }
      result += replaced(String(decoding: word, as: UTF8.self), image).utf8
      word.removeAll()
      result.append(octet)
    }
    return result + replaced(String(decoding: word, as: UTF8.self), image).utf8
  }

  /// Whether it is a hexadecimal digit, a colon or a point.
  private static func isOfAddress(_ octet: UInt8) -> Bool {
    switch octet {
    case 0x30...0x3a, 0x41...0x46, 0x61...0x66, 0x2e: true
    default: false
    }
  }

  /// A word that is no address may end with a sentence, or have IPv4 addresses between colons.
  private static func replaced(
    _ word: String, _ image: (TextAddress) -> String?
  ) -> String {
    if let address = TextAddress(word) { return image(address) ?? word }
    if word.last == stop { return replaced(String(word.dropLast()), image) + "." }
    guard word.contains(colon), word.contains(stop) else { return word }
    return word.split(separator: colon, omittingEmptySubsequences: false)
      .map { replaced(String($0), image) }.joined(separator: ":")
  }
}

/// An address as people write it.
enum TextAddress: Hashable {
  case mac(UInt64)
  case ipv4(UInt32)
  case ipv6(IPv6Number)

  /// Reads a word; nil when it is no address.
  init?(_ word: String) {
    if let address = Self.mac(word) {
      self = .mac(address)
    } else if let address = Self.ipv4(word) {
      self = .ipv4(address)
    } else if let address = Self.ipv6(word) {
      self = .ipv6(address)
    } else {
      return nil
    }
  }

  /// The address as it is written.
  var text: String {
    switch self {
    case .mac(let address): Self.groups(address, of: 8, 6).map(Self.padded).joined(separator: ":")
    case .ipv4(let address):
      Self.groups(UInt64(address), of: 8, 4).map { "\($0)" }.joined(separator: ".")
    case .ipv6(let address):
      (Self.groups(address.high, of: 16, 4) + Self.groups(address.low, of: 16, 4))
        .map { String($0, radix: 16) }.joined(separator: ":")
    }
  }

  private static func groups(_ number: UInt64, of bits: Int, _ count: Int) -> [UInt64] {
    (0..<count).map { number >> UInt64(bits * (count - 1 - $0)) & ((1 << UInt64(bits)) - 1) }
  }

  private static func padded(_ octet: UInt64) -> String {
    (octet < 16 ? "0" : "") + String(octet, radix: 16)
  }

  private static func mac(_ word: String) -> UInt64? {
    let parts = word.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count == 6, parts.allSatisfy({ $0.utf8.count == 2 }) else { return nil }
    return joined(parts, radix: 16, bits: 8)
  }

  private static func ipv4(_ word: String) -> UInt32? {
    let parts = word.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count == 4 else { return nil }
    return joined(parts, radix: 10, bits: 8).map { UInt32(truncatingIfNeeded: $0) }
  }

  /// `::` stands for as many groups of zeros as are missing.
  private static func ipv6(_ word: String) -> IPv6Number? {
    let ends = word.split(separator: "::", omittingEmptySubsequences: false).map {
      $0.isEmpty ? [] : $0.split(separator: ":", omittingEmptySubsequences: false)
    }
    let missing = 8 - ends.joined().count
    guard ends.count == 1 ? missing == 0 : ends.count == 2 && missing > 0 else { return nil }
    let zeros = Array(repeating: "0"[...], count: missing)
    let groups = Array(ends.joined(separator: zeros))
    guard let high = joined(groups.prefix(4), radix: 16, bits: 16),
      let low = joined(groups.suffix(4), radix: 16, bits: 16)
    else { return nil }
    return IPv6Number(high: high, low: low)
  }

  private static func joined(
    _ parts: some Collection<Substring>, radix: Int, bits: UInt64
  ) -> UInt64? {
    var value: UInt64 = 0
    for part in parts {
      guard let number = UInt64(part, radix: radix), number >> bits == 0 else { return nil }
      value = value << bits | number
    }
    return value
  }
}
