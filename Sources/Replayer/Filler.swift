import XenRing

/// What stands for octets that a trace's snap length cut: a packet's first octets are the headers of
/// a datagram, so that a backend can read where its checksum is; all others are one octet.
///
/// Such octets are compared by their number only.
enum Filler {
  private static let headers: [UInt8] = [
    0x00, 0x16, 0x3e, 0x00, 0x00, 0x02, 0x00, 0x16, 0x3e, 0x00, 0x00, 0x01, 0x08, 0x00, 0x45, 0x00,
    0x00, 0x1c, 0x00, 0x00, 0x40, 0x00, 0x40, 0x11, 0x00, 0x00, 0x0a, 0x00, 0x00, 0x01, 0x0a, 0x00,
    0x00, 0x02, 0x00, 0x09, 0x00, 0x09, 0x00, 0x08, 0x00, 0x00,
  ]
  private static let octets = headers + [UInt8](repeating: 0x52, count: 1 << 16)

  /// How many octets of a packet from `position` on are of its headers; all behind them are the same.
  static func headers(from position: Int) -> Int { max(0, headers.count - max(position, 0)) }

  /// Runs `body` over the octets of a packet from `position` on, at most 65536 of them.
  static func withOctets(_ position: Int, count: Int, _ body: (RawSpan) -> Void) {
    let start = min(max(position, 0), headers.count)
    let count = min(max(count, 0), 1 << 16)
    let octets = octets
    body(octets.span.octets.extracting(start..<start + count))
  }
}
