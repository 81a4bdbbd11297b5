extension FrameParser {
  mutating func takeIPv4(at start: Int) {
    let own = max(20, (octet(at: start) ?? 0) % 16 * 4)
    let end = start + own
    layout.add(.ipv4, (start + 12)..<(start + 16))
    layout.add(.ipv4, (start + 16)..<(start + 20))
    layout.extendHeaders(to: end)
    layout.add(FrameLayout.Checksum(place: start + 10, covered: start..<end, addresses: 0..<0))
    guard let total = word(at: start + 2), let fragment = word(at: start + 6),
      let type = octet(at: start + 9), start + 20 <= frame.count
    else { return }
    takeOptions(from: start + 20, to: end, .ipv4)
    // A frame that is still to be cut may be longer than can be said.
    let last = total >= own ? start + total : length
    guard fragment & 0x1fff == 0 else { return takePayload(at: end, end: last) }
    takeTransport(
      Transport(
        type: type, start: end, end: last, addresses: (start + 12)..<(start + 20),
        isFragment: fragment & 0x2000 != 0))
  }

  mutating func takeIPv6(at start: Int) {
    layout.add(.ipv6, (start + 8)..<(start + 24))
    layout.add(.ipv6, (start + 24)..<(start + 40))
    layout.extendHeaders(to: start + 40)
    guard let size = word(at: start + 4), let type = octet(at: start + 6),
      start + 40 <= frame.count
    else { return }
    var packet = Transport(
      type: type, start: start + 40, end: size > 0 ? start + 40 + size : length,
      addresses: (start + 8)..<(start + 40), isFragment: false)
    while takeExtension(&packet) { layout.extendHeaders(to: packet.start) }
    if packet.isWhole {
      takeTransport(packet)
    } else {
      takePayload(at: packet.start, end: packet.end)
    }
  }

  /// Takes a header between IPv6's own and the transport's, if one comes next.
  private mutating func takeExtension(_ packet: inout Transport) -> Bool {
    let start = packet.start
    guard [0, 43, 44, 51, 60].contains(packet.type), packet.isWhole else { return false }
    guard let next = octet(at: start), let size = octet(at: start + 1), start + 8 <= frame.count
    else {
      packet.isWhole = false
      return false
    }
    var end = start + (size + 1) * 8
    switch packet.type {
    case 43: takeRoute(from: start + 8, to: end)
    case 44:
      end = start + 8
      let fragment = word(at: start + 2) ?? 0
      packet.isWhole = fragment & 0xfff8 == 0
      packet.isFragment = fragment & 1 != 0
    case 51:
      end = start + (size + 2) * 4
      layout.add(.payload, min(start + 12, end)..<end)
    default: takeOptions(from: start + 2, to: end, .ipv6)
    }
    packet.type = next
    packet.start = end
    return true
  }

  /// The addresses of a routing header, and what stands behind them.
  private mutating func takeRoute(from start: Int, to end: Int) {
    var place = start
    while place + 16 <= end {
      layout.add(.ipv6, place..<(place + 16))
      place += 16
    }
    if place < end { layout.add(.payload, place..<end) }
  }
}

/// What an IP header says of what it carries.
struct Transport {
  /// The number of its protocol.
  var type: Int
  var start: Int
  /// Where the packet says that it ends.
  var end: Int
  /// The addresses, both.
  var addresses: Range<Int>
  /// Whether the rest is in other frames.
  var isFragment: Bool
  /// Whether it begins here.
  var isWhole = true
}
