import XenInterface
import XenRing

/// The pages that cases send from: the same octets on every machine.
///
/// Each page starts a frame of one kind at several offsets; the rest is a pattern in which every
/// page and every offset differs, so that a wrong page or offset shows in a frame's checksum. The
/// pattern has no octet above 0x7f: no frame that starts in it looks like a VLAN's, whose tag Linux
/// takes out of the frame before a capture sees it.
public enum CasePages {
  /// Number of pages.
  public static let count = 16
  /// Octets in a page.
  public static let byteCount = RingLayout.pageSize
  /// Where frames start in every page.
  public static let frameOffsets: [UInt16] = [0, 1000, 2000, 3000, 3900]

  /// The octets of a page.
  public static func octets(of page: Int) -> [UInt8] {
    var octets = pattern(page)
    let frame = FrameTemplate.all[page % FrameTemplate.all.count].octets
    for offset in frameOffsets {
      let end = min(Int(offset) + frame.count, byteCount)
      octets.replaceSubrange(Int(offset)..<end, with: frame.prefix(end - Int(offset)))
    }
    return octets
  }

  /// The pattern of a page.
  static func pattern(_ page: Int) -> [UInt8] {
    var random = SeededGenerator(seed: 0x5eed + UInt64(page))
    return (0..<byteCount).map { _ in UInt8(truncatingIfNeeded: random.next()) & 0x7f }
  }
}

/// The head of a frame of some kind.
struct FrameTemplate {
  let octets: [UInt8]

  private init(ethernet type: UInt16, target: [UInt8] = otherHost, _ rest: [[UInt8]]) {
    let source: [UInt8] = [0x02, 0, 0, 0, 0, 0x11]
    octets = target + source + FrameTemplate.word(type) + rest.flatMap(\.self)
  }

  /// An address that no host of the lab has, so that nobody replies.
  private static let otherHost: [UInt8] = [0x02, 0, 0, 0, 0, 0x99]
  private static let broadcast = [UInt8](repeating: 0xff, count: 6)
  private static let multicast: [UInt8] = [0x33, 0x33, 0, 0, 0, 1]

  /// Place of the plain TCP head over IPv4.
  static let tcpv4 = 0
  /// Place of the plain TCP head over IPv6.
  static let tcpv6 = 2

  static let all: [FrameTemplate] = [
    FrameTemplate(ethernet: 0x0800, [ipv4(6), tcp]),
    FrameTemplate(ethernet: 0x0800, [ipv4(17), udp]),
    FrameTemplate(ethernet: 0x86dd, [ipv6(6), tcp]),
    FrameTemplate(ethernet: 0x86dd, [ipv6(17), udp]),
    FrameTemplate(ethernet: 0x0800, [ipv4(6, fragment: 0x2000), tcp]),
    FrameTemplate(ethernet: 0x0800, [ipv4(6, words: 15), zeros(40), tcp]),
    FrameTemplate(ethernet: 0x86dd, [ipv6(0), hopByHop(next: 6), tcp]),
    FrameTemplate(ethernet: 0x86dd, [ipv6(44), fragment(next: 17, offset: 8), udp]),
    FrameTemplate(ethernet: 0x0806, [zeros(28)]),
    FrameTemplate(ethernet: 0x0800, [ipv4(1), zeros(8)]),
    FrameTemplate(ethernet: 0x0800, [ipv4(17, words: 0), udp]),
    FrameTemplate(ethernet: 0x0800, target: broadcast, [ipv4(17), udp]),
    FrameTemplate(ethernet: 46, [zeros(46)]),
    FrameTemplate(ethernet: 0x86dd, target: multicast, [ipv6(58), zeros(8)]),
    FrameTemplate(ethernet: 0x86dd, [ipv6(44), fragment(next: 6, offset: 0), tcp]),
    FrameTemplate(ethernet: 0x86dd, [ipv6(60), hopByHop(next: 51), authentication(next: 17), udp]),
  ]

  private static func word(_ value: UInt16) -> [UInt8] {
    [UInt8(value >> 8), UInt8(truncatingIfNeeded: value)]
  }

  private static func zeros(_ count: Int) -> [UInt8] { [UInt8](repeating: 0, count: count) }

  private static func ipv4(_ next: UInt8, words: UInt8 = 5, fragment: UInt16 = 0) -> [UInt8] {
    [0x40 | words, 0, 0x05, 0xdc, 0x12, 0x34] + word(fragment)
      + [64, next, 0, 0, 10, 9, 8, 7, 10, 9, 8, 6]
  }

  private static func ipv6(_ next: UInt8) -> [UInt8] {
    let address: [UInt8] = [0xfd, 0, 0, 1] + zeros(11)
    return [0x60, 0, 0, 0, 0x05, 0xdc, next, 64] + address + [1] + address + [2]
  }

  private static func hopByHop(next: UInt8) -> [UInt8] { [next, 1] + zeros(14) }

  private static func fragment(next: UInt8, offset: UInt16) -> [UInt8] {
    [next, 0] + word(offset) + [1, 2, 3, 4]
  }

  private static func authentication(next: UInt8) -> [UInt8] { [next, 4] + zeros(22) }

  private static let tcp: [UInt8] =
    [0x30, 0x39, 0, 80, 0, 0, 0, 1, 0, 0, 0, 0, 0x50, 0x10, 0x20, 0, 0x77, 0x66, 0, 0]
  private static let udp: [UInt8] = [0x30, 0x39, 0, 53, 0x05, 0xb4, 0x55, 0x44]
}
