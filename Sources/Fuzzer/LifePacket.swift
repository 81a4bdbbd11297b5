/// A packet of a life, whose octets say what is to become of it.
struct LifePacket: Hashable {
  /// What is to become of it.
  enum Kind: UInt8 {
    /// Who gets it lets it go at once.
    case plain
    /// Who gets it holds it.
    case held
    /// Nobody gets it: with it the guest asks for a group of addresses.
    case join
  }

  /// Where its kind stands.
  private static let place = 14
  private static let header: [UInt8] = [0, 0x16, 0x3e, 0, 0, 2, 0, 0x16, 0x3e, 0, 0, 1, 8, 0]

  var kind: Kind
  var number: UInt16

  init(_ kind: Kind, _ number: UInt16) {
    self.kind = kind
    self.number = number
  }

  /// The packet that octets are; `nil` for others.
  init?(octets: [UInt8]) {
    guard octets.count > Self.place + 2, let kind = Kind(rawValue: octets[Self.place]) else {
      return nil
    }
    self.init(kind, UInt16(octets[Self.place + 1]) | UInt16(octets[Self.place + 2]) << 8)
    guard self.octets == octets else { return nil }
  }

  /// One that is to be held has more than what is copied.
  var octets: [UInt8] {
    let count = kind == .held ? 1000 : 60
    let (low, high) = (UInt8(truncatingIfNeeded: number), UInt8(truncatingIfNeeded: number >> 8))
    let head = Self.header + [kind.rawValue, low, high]
    return head + (head.count..<count).map { UInt8(truncatingIfNeeded: $0) ^ low }
  }

  /// A frame for a guest, to it or to a group of addresses.
  static func frame(_ number: UInt16, group: Bool) -> [UInt8] {
    var octets = LifePacket(.plain, number).octets
    if group { octets.replaceSubrange(0..<6, with: [1, 0, 0x5e, 0, 0, 1]) }
    return octets
  }
}
