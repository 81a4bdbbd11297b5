import XenRing

/// The part of a frame that its hash is computed over: addresses, and ports where they count.
///
/// Follows Linux's `xenvif_set_skb_hash`, apart from tunnels: those are taken for what their outer
/// header says.
public struct FlowKey: Sendable {
  /// Bit number of the hash type (C constants `_XEN_NETIF_CTRL_HASH_TYPE_*`).
  public let type: UInt8
  private var octets: [36 of UInt8]
  private var count = 0

  /// Finds the part of `frame` for the largest of `types` that fits it; nil when none does.
  public init?(_ frame: RawSpan, types: HashTypes) {
    let header = Int(NetifLimits.ethernetHeader)
    guard frame.byteCount >= header else { return nil }
    octets = [36 of UInt8](repeating: 0)
    switch frame.networkWord(at: 12) {
    case 0x0800:
      guard let packet = IPHeader(ipv4: frame, at: header) else { return nil }
      if types.contains(.ipv4TCP), packet.hasTCP {
        type = 1
      } else if types.contains(.ipv4) {
        type = 0
      } else {
        return nil
      }
      append(frame, (header + 12)..<(header + 20))
      if type == 1 { appendPorts(frame, at: packet.transport) }
    case 0x86dd:
      guard let packet = IPHeader(ipv6: frame, at: header) else { return nil }
      if types.contains(.ipv6TCP), packet.hasTCP {
        type = 3
      } else if types.contains(.ipv6) {
        type = 2
      } else {
        return nil
      }
      append(frame, (header + 8)..<(header + 40))
      if type == 3 { appendPorts(frame, at: packet.transport) }
    default: return nil
    }
  }

  /// The hash with this key.
  public func hash(with key: ToeplitzKey) -> FlowHash {
    FlowHash(value: key.hash(octets.span.extracting(0..<count).octets), type: type)
  }

  private mutating func append(_ frame: RawSpan, _ range: Range<Int>) {
    for place in range {
      octets[count] = frame.octet(at: place)
      count += 1
    }
  }

  /// Ports that the frame does not hold count as 0, as in Linux.
  private mutating func appendPorts(_ frame: RawSpan, at place: Int) {
    if place + 4 <= frame.byteCount {
      append(frame, place..<(place + 4))
    } else {
      count += 4
    }
  }
}

/// What a hash asks of an IP header.
private struct IPHeader {
  /// Where the transport header begins.
  var transport: Int
  /// Whether TCP follows; a fragment counts as having none.
  var hasTCP: Bool

  private static var tcp: UInt8 { 6 }

  init?(ipv4 frame: RawSpan, at start: Int) {
    guard frame.byteCount >= start + 20, frame.octet(at: start) & 0xf >= 5 else { return nil }
    transport = start + Int(frame.octet(at: start) & 0xf) * 4
    let isFragment = frame.networkWord(at: start + 6) & 0x3fff != 0
    hasTCP = frame.octet(at: start + 9) == Self.tcp && !isFragment
  }

  init?(ipv6 frame: RawSpan, at start: Int) {
    guard frame.byteCount >= start + 40 else { return nil }
    var next = frame.octet(at: start + 6)
    var place = start + 40
    var isFragment = false
    while let extensionHeader = Extension(rawValue: next) {
      guard place + 8 <= frame.byteCount else { return nil }
      next = frame.octet(at: place)
      if extensionHeader == .fragment {
        isFragment = true
        place += 8
      } else {
        place += 8 + Int(frame.octet(at: place + 1)) * 8
      }
    }
    transport = place
    hasTCP = next == Self.tcp && !isFragment
  }

  /// IPv6 headers between the addresses and the transport header.
  private enum Extension: UInt8 {
    case hopByHop = 0
    case routing = 43
    case fragment = 44
    case destination = 60
  }
}
