/// Frames that rows send: to everybody, from an address that marks them as the rows' own.
enum TestFrame {
  private static let source: [UInt8] = [2, 0x52, 0x53, 0x52, 0x53, 1]

  /// A frame of a type that nobody answers, whose octets differ from place to place.
  static func plain(_ count: Int) -> [UInt8] {
    let header = head(type: 0x88b5)
    return (0..<count).map {
      $0 < header.count ? header[$0] : UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 / 256)
    }
  }

  /// A TCP segment over IPv4 with `count` octets behind its headers.
  static func tcp(_ count: Int) -> [UInt8] {
    let length = UInt16(40 + count)
    var frame = head(type: 0x0800)
    frame += [
      0x45, 0, UInt8(length >> 8), UInt8(truncatingIfNeeded: length), 0, 1, 0, 0, 64, 6, 0, 0,
    ]
    frame += [10, 99, 0, 2, 10, 99, 0, 1]
    frame += [0x10, 0, 0x20, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0x50, 0x10, 0x10, 0, 0, 0, 0, 0]
    return frame + (0..<count).map { UInt8(truncatingIfNeeded: $0 / 7) }
  }

  /// A TCP segment of one of 65536 flows, over IPv4 or IPv6, with 20 octets behind its headers.
  static func flow(_ number: UInt16, isIPv6: Bool) -> [UInt8] {
    let ports = [UInt8(number >> 8), UInt8(truncatingIfNeeded: number), 0, 80]
    let segment = ports + [0, 0, 0, 1, 0, 0, 0, 0, 0x50, 0x10, 0x10, 0, 0, 0, 0, 0]
    let data = (0..<20).map { UInt8($0) }
    if isIPv6 {
      let addresses = (0..<32).map { UInt8($0 % 16 == 0 ? 0xfd : $0) }
      return head(type: 0x86dd) + [0x60, 0, 0, 0, 0, 40, 6, 64] + addresses + segment + data
    }
    let header: [UInt8] = [0x45, 0, 0, 60, 0, 1, 0, 0, 64, 6, 0, 0, 10, 99, 0, 2, 10, 99, 0, 1]
    return head(type: 0x0800) + header + segment + data
  }

  /// Whether a frame is one of these, and not a kernel's own chatter.
  static func isOurs(_ octets: [UInt8]) -> Bool {
    octets.count >= 12 && octets[6..<12].elementsEqual(source)
  }

  private static func head(type: UInt16) -> [UInt8] {
    [UInt8](repeating: 0xff, count: 6) + source
      + [UInt8(type >> 8), UInt8(truncatingIfNeeded: type)]
  }
}
