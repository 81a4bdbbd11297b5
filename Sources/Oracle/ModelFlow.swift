/// What of a frame is hashed.
struct ModelFlow {
  /// The addresses, the sender's first, and behind them the ports; those that are not there count as zeros.
  private(set) var octets = [36 of UInt8](repeating: 0)
  /// Octets of the addresses.
  let addresses: Int
  /// Whether ports are looked at: of a TCP segment that is no fragment.
  let hasPorts: Bool
  /// The type without ports: 0 for IPv4, 2 for IPv6.
  let plain: UInt8
  /// The type with them.
  var withPorts: UInt8 { plain + 1 }

  init?(_ frame: Span<UInt8>) {
    guard frame.count > 14 else { return nil }
    let packet = frame.extracting(14...)
    switch UInt16(frame[12]) << 8 | UInt16(frame[13]) {
    case 0x0800: self.init(version4: packet)
    case 0x86dd: self.init(version6: packet)
    default: return nil
    }
  }

  private init?(version4 packet: Span<UInt8>) {
    guard packet.count >= 20, packet[0] & 0xf >= 5 else { return nil }
    let isFragment = packet[6] & 0x3f != 0 || packet[7] != 0
    let isTCP = packet[9] == 6 && !isFragment
    self.init(
      packet, plain: 0, addresses: 12..<20, ports: isTCP ? Int(packet[0] & 0xf) * 4 : nil)
  }

  private init?(version6 packet: Span<UInt8>) {
    guard packet.count >= 40 else { return nil }
    var (at, next, isFragment) = (40, packet[6], false)
    while Self.isExtension(next) {
      guard at + 8 <= packet.count else { return nil }
      isFragment = isFragment || next == 44
      let octets = next == 44 ? 8 : 8 + 8 * Int(packet[at + 1])
      (at, next) = (at + octets, packet[at])
    }
    self.init(packet, plain: 2, addresses: 8..<40, ports: next == 6 && !isFragment ? at : nil)
  }

  private static func isExtension(_ next: UInt8) -> Bool {
    switch next {
    case 0, 43, 44, 60: true
    default: false
    }
  }

  private init(_ packet: Span<UInt8>, plain: UInt8, addresses: Range<Int>, ports: Int?) {
    self.plain = plain
    self.addresses = addresses.count
    hasPorts = ports != nil
    for place in addresses { octets[place - addresses.lowerBound] = packet[place] }
    guard let ports, ports + 4 <= packet.count else { return }
    for place in 0..<4 { octets[addresses.count + place] = packet[ports + place] }
  }
}
