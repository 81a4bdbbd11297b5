internal import XenInterface
internal import XenRing

extension OctetBuffer {
  /// Appends the octets of a string.
  @inline(__always) mutating func append(text: String) {
    for octet in text.utf8 { append(octet) }
  }

  /// Appends a number in decimal.
  mutating func append(decimal value: UInt64) {
    var digits: InlineArray<20, UInt8> = .init(repeating: 0)
    var first = 20
    var rest = value
    repeat {
      first -= 1
      digits[first] = 0x30 + UInt8(rest % 10)
      rest /= 10
    } while rest > 0
    for place in first..<20 { append(digits[place]) }
  }

  /// Appends a number in hexadecimal behind 0x.
  mutating func append(hexadecimal value: UInt64) {
    append(text: "0x")
    let digits = max(1, (67 - value.leadingZeroBitCount) / 4)
    for place in (0..<digits).reversed() { append(hexDigit(UInt8(value >> (4 * place) & 15))) }
  }

  /// Appends octets in hexadecimal, two digits each.
  mutating func append(hexadecimal octets: RawSpan) {
    for place in 0..<octets.byteCount {
      let octet = octets.octet(at: place)
      append(hexDigit(octet >> 4))
      append(hexDigit(octet & 15))
    }
  }

  /// Appends text in quotes; what is not printable ASCII as \xNN.
  mutating func append(quoted text: RawSpan) {
    append(0x22)
    for place in 0..<text.byteCount {
      let octet = text.octet(at: place)
      switch octet {
      case 0x22, 0x5c:
        append(0x5c)
        append(octet)
      case 0x20...0x7e: append(octet)
      default:
        append(text: "\\x")
        append(hexDigit(octet >> 4))
        append(hexDigit(octet & 15))
      }
    }
    append(0x22)
  }

  /// Appends text in quotes.
  mutating func append(quoted text: String) {
    let octets = Array(text.utf8)
    append(quoted: octets.span.octets)
  }

  /// Appends a time in seconds with nine digits behind the point.
  mutating func append(_ time: MonotonicInstant) {
    append(decimal: time.nanoseconds / 1_000_000_000)
    append(0x2e)
    var rest = time.nanoseconds % 1_000_000_000
    var unit: UInt64 = 100_000_000
    while unit > 0 {
      append(0x30 + UInt8(rest / unit))
      rest %= unit
      unit /= 10
    }
  }

  private func hexDigit(_ value: UInt8) -> UInt8 { value < 10 ? 0x30 + value : 0x57 + value }
}
