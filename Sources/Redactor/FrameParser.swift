import Netif

/// Reads a frame's headers, as far as they are there, and trusts nothing in them.
struct FrameParser {
  let frame: [UInt8]
  /// Octets of the whole frame, more than `frame` when that is its beginning.
  let length: Int
  var layout: FrameLayout

  /// The layout of a frame, or of the beginning of one.
  static func layout(of frame: [UInt8], length: Int) -> FrameLayout {
    var parser = FrameParser(
      frame: frame, length: max(length, frame.count), layout: FrameLayout(count: frame.count))
    parser.takeEthernet()
    return parser.layout
  }

  /// The two octets at a place; nil when they are not there.
  func word(at place: Int) -> Int? {
    place + 2 <= frame.count ? Int(frame.number(place..<(place + 2))) : nil
  }

  /// The octet at a place; nil when it is not there.
  func octet(at place: Int) -> Int? { place < frame.count ? Int(frame[place]) : nil }

  /// Takes what follows the last header: payload up to its end, then what only fills the frame up.
  mutating func takePayload(at start: Int, end: Int) {
    let split = min(max(start, end), frame.count)
    if start < split { layout.add(.payload, start..<split) }
    if split < frame.count { layout.add(.payload, max(start, split)..<frame.count) }
  }

  private mutating func takeEthernet() {
    layout.add(.mac, 0..<6)
    layout.add(.mac, 6..<12)
    var place = 12
    // Up to two tags of VLANs.
    while place < 20, let type = word(at: place), [0x8100, 0x88a8].contains(type) { place += 4 }
    layout.extendHeaders(to: place + 2)
    switch word(at: place) {
    case 0x0800: takeIPv4(at: place + 2)
    case 0x86dd: takeIPv6(at: place + 2)
    case 0x0806, 0x8035: takeARP(at: place + 2)
    case nil: break
    default: takePayload(at: place + 2, end: length)
    }
  }

  /// ARP and RARP between Ethernet and IPv4 addresses.
  private mutating func takeARP(at start: Int) {
    guard word(at: start) == 1, word(at: start + 2) == 0x0800, word(at: start + 4) == 0x0604 else {
      return takePayload(at: start, end: length)
    }
    for place in [start + 8, start + 18] {
      layout.add(.mac, place..<(place + 6))
      layout.add(.ipv4, (place + 6)..<(place + 10))
    }
    takePayload(at: start + 28, end: length)
  }
}
