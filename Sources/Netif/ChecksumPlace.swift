import XenRing

/// Where a frame's transport checksum stands, as its headers say (Linux: `skb_checksum_setup`).
public struct ChecksumPlace: Hashable, Sendable {
  private static let tcp: UInt8 = 6
  private static let udp: UInt8 = 17

  /// First octet of the transport header, which is the first that the checksum covers.
  public let start: Int
  /// Where the checksum stands from there: 16 in TCP, 6 in UDP.
  public let offset: Int
  /// Octets of the TCP header as it says itself; nil for UDP.
  public let tcpHeaderLength: Int?
  /// Sum of the pseudo header but for the length, which may be another after cutting; not folded.
  private let pseudoHeader: UInt32
  private var length: Int

  /// Looks for the checksum in a frame; nil when the headers cannot be read that far, for fragments,
  /// and where neither TCP nor UDP follows.
  ///
  /// - Parameters:
  ///   - frame: the frame, or its beginning with all headers.
  ///   - length: octets of the frame, when `frame` is only its beginning.
  public init?(_ frame: RawSpan, of length: Int? = nil) {
    self.init(frame)
    if let length { self.length += length - frame.byteCount }
  }

  private init?(_ frame: RawSpan) {
    let header = Int(NetifLimits.ethernetHeader)
    guard frame.byteCount >= header else { return nil }
    switch frame.networkWord(at: 12) {
    case 0x0800: self.init(ipv4: frame, at: header)
    case 0x86dd: self.init(ipv6: frame, at: header)
    default: return nil
    }
  }

  private init?(ipv4 frame: RawSpan, at layer: Int) {
    guard frame.byteCount - layer >= 20 else { return nil }
    let isFragment = frame.networkWord(at: layer + 6) & 0x3fff != 0
    guard !isFragment else { return nil }
    let start = layer + Int(frame.octet(at: layer) & 0xf) * 4
    self.init(
      frame, frame.octet(at: layer + 9), at: start, addresses: (layer + 12)..<(layer + 20))
  }

  private init?(ipv6 frame: RawSpan, at layer: Int) {
    let available = frame.byteCount - layer
    guard available >= 40 else { return nil }
    var next = frame.octet(at: layer + 6)
    var offset = 40
    let end = 40 + Int(frame.networkWord(at: layer + 4))
    while offset <= end {
      guard let header = ExtensionHeader(next) else {
        self.init(frame, next, at: layer + offset, addresses: (layer + 8)..<(layer + 40))
        return
      }
      guard offset + header.needed <= available else { return nil }
      let place = layer + offset
      if next == 44, frame.networkWord(at: place + 2) & 0xfff9 != 0 { return nil }
      next = frame.octet(at: place)
      offset += header.length(frame.octet(at: place + 1))
    }
    return nil
  }

  private init?(_ frame: RawSpan, _ type: UInt8, at start: Int, addresses: Range<Int>) {
    let needed: Int
    switch type {
    case Self.tcp: (needed, offset) = (20, 16)
    case Self.udp: (needed, offset) = (8, 6)
    default: return nil
    }
    guard start + needed <= frame.byteCount else { return nil }
    self.start = start
    tcpHeaderLength = type == Self.tcp ? Int(frame.octet(at: start + 12) >> 4) * 4 : nil
    length = frame.byteCount - start
    pseudoHeader = frame.sum(addresses) + UInt32(type)
  }

  /// The pseudo header's sum, which a blank checksum has in its place.
  public var blank: UInt16 { RawSpan.folded(pseudoHeader + UInt32(length)) }
}

/// What stands between the addresses and the transport header in IPv6.
private struct ExtensionHeader {
  var needed: Int
  var length: (UInt8) -> Int

  init?(_ type: UInt8) {
    switch type {
    case 0, 43, 60: (needed, length) = (2, { (Int($0) + 1) * 8 })
    case 51: (needed, length) = (12, { (Int($0) + 2) * 4 })
    case 44: (needed, length) = (8, { _ in 8 })
    default: return nil
    }
  }
}

extension RawSpan {
  /// The 16 bits at `place`, first octet highest, as they stand in frames.
  ///
  /// - Precondition: both octets lie in the span.
  public func networkWord(at place: Int) -> UInt16 {
    UInt16(octet(at: place)) << 8 | UInt16(octet(at: place + 1))
  }

  /// The sum of the 16-bit words of `range`; a last odd octet counts as a word's first. Not folded.
  ///
  /// - Precondition: the range lies in the span and has less than 128 KiB.
  public func sum(_ range: Range<Int>) -> UInt32 {
    var sum: UInt32 = 0
    var place = range.lowerBound
    while place + 1 < range.upperBound {
      sum += UInt32(networkWord(at: place))
      place += 2
    }
    if place < range.upperBound { sum += UInt32(octet(at: place)) << 8 }
    return sum
  }

  /// A sum in 16 bits, carries added.
  public static func folded(_ sum: UInt32) -> UInt16 {
    var sum = sum
    while sum > 0xffff { sum = (sum >> 16) + (sum & 0xffff) }
    return UInt16(truncatingIfNeeded: sum)
  }
}
