import Netif

/// Reads the headers of a frame as far as Linux does to find the checksum that a guest left blank.
struct ModelHeaders {
  /// Where the checksum stands in the frame.
  let checksum: Int
  /// Sum of the pseudo header, what belongs there until the checksum is known.
  let pseudo: UInt16

  private static let ethernet = 14

  /// `nil` when there is no TCP or UDP header to be found, or not in one piece.
  init?(_ frame: Span<UInt8>) {
    guard frame.count > Self.ethernet else { return nil }
    let network = frame.extracting(Self.ethernet...)
    let place: (transport: Int, next: UInt8, addresses: Range<Int>)?
    switch frame.word(12) {
    case 0x0800: place = Self.version4(network)
    case 0x86dd: place = Self.version6(network)
    default: place = nil
    }
    guard let place, let field = Self.field(place.next),
      place.transport + field.header <= network.count
    else { return nil }
    checksum = Self.ethernet + place.transport + field.offset
    var sum = UInt64(network.count - place.transport) + UInt64(place.next)
    for word in stride(from: place.addresses.lowerBound, to: place.addresses.upperBound, by: 2) {
      sum += UInt64(network.word(word))
    }
    while sum > 0xffff { sum = sum & 0xffff + sum >> 16 }
    pseudo = UInt16(sum)
  }

  /// Octets of the shortest header, and where in it the checksum stands.
  private static func field(_ protocolNumber: UInt8) -> (header: Int, offset: Int)? {
    switch protocolNumber {
    case 6: (20, 16)
    case 17: (8, 6)
    default: nil
    }
  }

  private static func version4(_ packet: Span<UInt8>) -> (Int, UInt8, Range<Int>)? {
    guard packet.count >= 20, packet.word(6) & 0x3fff == 0 else { return nil }
    return (Int(packet[0] & 0xf) * 4, packet[9], 12..<20)
  }

  private static func version6(_ packet: Span<UInt8>) -> (Int, UInt8, Range<Int>)? {
    guard packet.count >= 40 else { return nil }
    var (at, next) = (40, packet[6])
    let end = 40 + Int(packet.word(4))
    while at <= end {
      guard isExtension(next) else { return (at, next, 8..<40) }
      guard at + (next == 51 ? 12 : next == 44 ? 8 : 2) <= packet.count else { return nil }
      if next == 44, packet.word(at + 2) & 0xfff9 != 0 { return nil }
      let length = Int(packet[at + 1])
      let octets = next == 44 ? 8 : next == 51 ? (length + 2) * 4 : (length + 1) * 8
      (at, next) = (at + octets, packet[at])
    }
    return nil
  }

  private static func isExtension(_ next: UInt8) -> Bool {
    switch next {
    case 0, 43, 44, 51, 60: true
    default: false
    }
  }
}

extension Span<UInt8> {
  /// The two octets at `place`, first one higher.
  fileprivate func word(_ place: Int) -> UInt16 {
    UInt16(self[place]) << 8 | UInt16(self[place + 1])
  }
}
