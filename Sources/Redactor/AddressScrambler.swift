/// Replaces addresses: two that differ still do.
///
/// What makes an address one of a group, a broadcast, a local one or none at all stays as it is.
struct AddressScrambler: Sendable {
  private let macs: Permutation
  private let ipv4Hosts: Permutation
  private let ipv4Groups: Permutation
  private let ipv6Hosts: Permutation
  private let ipv6Tails: Permutation

  init(_ key: ScrambleKey) {
    macs = Permutation(key.function(for: .mac), half: 23)
    ipv4Hosts = Permutation(key.function(for: .ipv4), half: 16)
    ipv4Groups = Permutation(key.function(for: .ipv4Group), half: 14)
    ipv6Hosts = Permutation(key.function(for: .ipv6), half: 64)
    ipv6Tails = Permutation(key.function(for: .ipv6Tail), half: 56)
  }

  /// The replacement of an Ethernet address, first octet highest. The bits that say group and local
  /// stay.
  func mac(_ address: UInt64) -> UInt64 {
    guard !MACNumber.isFixed(address) else { return address }
    let kind = address & MACNumber.kind
    var image = address
    // Walking on until nothing fixed is met keeps it a permutation; so below.
    repeat {
      let packed = macs((image >> 42) << 40 | image & MACNumber.tail)
      image = (packed >> 40) << 42 | kind | packed & MACNumber.tail
    } while MACNumber.isFixed(image)
    return image
  }

  /// The replacement of an IPv4 address.
  func ipv4(_ address: UInt32) -> UInt32 {
    guard !IPv4Number.isFixed(address) else { return address }
    guard !IPv4Number.isGroup(address) else {
      return address & ~IPv4Number.groupTail
        | UInt32(truncatingIfNeeded: ipv4Groups(UInt64(address & IPv4Number.groupTail)))
    }
    var image = address
    repeat {
      image = UInt32(truncatingIfNeeded: ipv4Hosts(UInt64(image)))
    } while IPv4Number.isFixed(image) || IPv4Number.isGroup(image)
    return image
  }

  /// The replacement of an IPv6 address. Of a group's or a link's own the first two octets stay.
  func ipv6(_ address: IPv6Number) -> IPv6Number {
    guard !address.isFixed else { return address }
    guard !address.keepsHead else { return tailReplaced(address) }
    var image = address
    repeat {
      let halves = ipv6Hosts(image.high, image.low)
      image = IPv6Number(high: halves.high, low: halves.low)
    } while image.isFixed || image.keepsHead
    return image
  }

  private func tailReplaced(_ address: IPv6Number) -> IPv6Number {
    let low = UInt64.max >> 8
    let tail = ipv6Tails(
      (address.high & UInt64.max >> 16) << 8 | address.low >> 56, address.low & low)
    return IPv6Number(
      high: (address.high >> 48) << 48 | tail.high >> 8, low: tail.high << 56 | tail.low)
  }
}

/// What is known of an Ethernet address by its number.
enum MACNumber {
  /// The bits that say group and local.
  static let kind: UInt64 = 3 << 40
  static let tail: UInt64 = 0xff_ffff_ffff

  /// Whether it is no address or the broadcast, which stay.
  static func isFixed(_ address: UInt64) -> Bool { address == 0 || address == 0xffff_ffff_ffff }
}

/// What is known of an IPv4 address by its number.
enum IPv4Number {
  static let groupTail: UInt32 = 0x0fff_ffff

  /// Whether it is no address or the broadcast, which stay.
  static func isFixed(_ address: UInt32) -> Bool { address == 0 || address == .max }

  static func isGroup(_ address: UInt32) -> Bool { address >> 28 == 0xe }
}

/// An IPv6 address, first octet highest.
struct IPv6Number: Hashable, Sendable {
  var high: UInt64
  var low: UInt64

  /// Whether it is no address or the own one, which stay.
  var isFixed: Bool { high == 0 && low <= 1 }

  /// Whether it is a group's, or a link's own.
  var keepsHead: Bool { high >> 56 == 0xff || high >> 54 == 0xfe80 >> 6 }
}
