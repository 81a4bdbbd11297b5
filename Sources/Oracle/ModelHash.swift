/// What a guest has set on its control ring for frames to come to one of its queues.
public struct ModelHash: Sendable {
  /// The number of the hash algorithm; 0 is none.
  public internal(set) var algorithm: UInt32 = 0
  /// What is hashed: a bit for each type.
  public internal(set) var types: UInt32 = 0
  /// The key, 40 octets.
  public internal(set) var key = [UInt8](repeating: 0, count: 40)
  /// A queue for each remainder of a hash; empty when the number of queues divides it.
  public internal(set) var mapping: [UInt32] = []

  /// Type and value of a frame's hash; `nil` for a frame of none of the types that are hashed.
  func hash(of frame: [UInt8]) -> (type: UInt8, value: UInt32)? {
    guard algorithm != 0, let flow = ModelFlow(frame) else { return nil }
    if types >> flow.withPorts & 1 != 0, let ports = flow.ports {
      return (flow.withPorts, toeplitz(flow.addresses + ports))
    }
    return types >> flow.plain & 1 == 0 ? nil : (flow.plain, toeplitz(flow.addresses))
  }

  /// The queue that a frame goes to.
  public func queue(of frame: [UInt8], queues: Int) -> Int {
    let value = hash(of: frame)?.value ?? 0
    if mapping.isEmpty { return Int(value) % queues }
    return Int(mapping[Int(value) % mapping.count])
  }

  /// For each bit of the input that is set, the 32 bits of the key that begin at its number.
  private func toeplitz(_ input: [UInt8]) -> UInt32 {
    var hash: UInt32 = 0
    for bit in 0..<(8 * input.count) where input[bit / 8] >> (7 - bit % 8) & 1 != 0 {
      for place in 0..<32 { hash ^= keyBit(bit + place) << (31 - UInt32(place)) }
    }
    return hash
  }

  private func keyBit(_ place: Int) -> UInt32 {
    place < 8 * key.count ? UInt32(key[place / 8] >> (7 - place % 8) & 1) : 0
  }
}

/// What of a frame is hashed.
struct ModelFlow {
  /// Addresses, the sender's first.
  let addresses: [UInt8]
  /// Ports of a TCP segment that is no fragment.
  let ports: [UInt8]?
  /// The type without ports: 0 for IPv4, 2 for IPv6.
  let plain: UInt8
  /// The type with them.
  var withPorts: UInt8 { plain + 1 }

  init?(_ frame: [UInt8]) {
    guard frame.count > 14 else { return nil }
    let packet = Array(frame[14...])
    switch UInt16(frame[12]) << 8 | UInt16(frame[13]) {
    case 0x0800: self.init(version4: packet)
    case 0x86dd: self.init(version6: packet)
    default: return nil
    }
  }

  private init?(version4 packet: [UInt8]) {
    guard packet.count >= 20, packet[0] & 0xf >= 5 else { return nil }
    let isFragment = packet[6] & 0x3f != 0 || packet[7] != 0
    plain = 0
    addresses = Array(packet[12..<20])
    ports =
      packet[9] == 6 && !isFragment ? Self.ports(packet, at: Int(packet[0] & 0xf) * 4) : nil
  }

  private init?(version6 packet: [UInt8]) {
    guard packet.count >= 40 else { return nil }
    var (at, next, isFragment) = (40, packet[6], false)
    while [0, 43, 44, 60].contains(next) {
      guard at + 8 <= packet.count else { return nil }
      isFragment = isFragment || next == 44
      let octets = next == 44 ? 8 : 8 + 8 * Int(packet[at + 1])
      (at, next) = (at + octets, packet[at])
    }
    plain = 2
    addresses = Array(packet[8..<40])
    ports = next == 6 && !isFragment ? Self.ports(packet, at: at) : nil
  }

  /// Those that are not there count as zeros.
  private static func ports(_ packet: [UInt8], at place: Int) -> [UInt8] {
    place + 4 <= packet.count ? Array(packet[place..<place + 4]) : [0, 0, 0, 0]
  }
}
