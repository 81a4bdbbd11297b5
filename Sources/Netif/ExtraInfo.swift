public import XenRing

/// An Ethernet address.
public struct MACAddress: Hashable, Sendable, BitwiseCopyable {
  /// The six octets, first octet in bits 47 to 40.
  public var bits: UInt64
  /// Takes the low 48 bits, first octet highest.
  @inlinable public init(bits: UInt64) { self.bits = bits & 0xffff_ffff_ffff }
}

/// What an extra info says (C type `netif_extra_info`, 8 octets). A C union done right.
public enum ExtraInfo: Hashable, Sendable, BitwiseCopyable {
  /// Segmentation: segment size in octets, and the GSO type as written.
  case gso(size: UInt16, type: UInt8)
  /// Add an address to the multicast filter.
  case multicastAdd(MACAddress)
  /// Remove an address from the multicast filter.
  case multicastDelete(MACAddress)
  /// A flow hash: the bit number of its type, the algorithm, the value.
  case hash(type: UInt8, algorithm: UInt8, value: UInt32)
  /// Headroom before the data, from Linux frontends that run XDP.
  case xdp(headroom: UInt16)
}

/// One extra info slot taken apart.
public struct ExtraInfoSlot: Hashable, Sendable, BitwiseCopyable {
  /// What it says.
  public let info: ExtraInfo
  /// Whether another extra info follows (bit 0 of its flags; other bits are ignored).
  public let hasMore: Bool

  /// Describes an extra info to be written.
  public init(_ info: ExtraInfo, hasMore: Bool) {
    self.info = info
    self.hasMore = hasMore
  }

  /// Parses the first eight octets of a slot.
  ///
  /// - Throws: `TxViolation.invalidExtraType` for type 0 and for types above XDP.
  public init(words: SlotWords) throws(TxViolation) {
    let type = UInt8(truncatingIfNeeded: words[0])
    hasMore = words[0] >> 8 & 1 != 0
    let upper = UInt16(truncatingIfNeeded: words[0] >> 16)
    switch type {
    case 1: info = .gso(size: upper, type: UInt8(truncatingIfNeeded: words[1]))
    case 2: info = .multicastAdd(MACAddress(extraWords: words))
    case 3: info = .multicastDelete(MACAddress(extraWords: words))
    case 4:
      info = .hash(
        type: UInt8(truncatingIfNeeded: upper), algorithm: UInt8(truncatingIfNeeded: upper >> 8),
        value: words[1])
    case 5: info = .xdp(headroom: upper)
    default: throw .invalidExtraType(type)
    }
  }

  /// The eight octets as they go into a slot.
  public var words: SlotWords {
    let flags: UInt32 = hasMore ? 1 << 8 : 0
    switch info {
    case .gso(let size, let type): return [1 | flags | UInt32(size) << 16, UInt32(type), 0, 0]
    case .multicastAdd(let address): return address.extraWords(type: 2 | flags)
    case .multicastDelete(let address): return address.extraWords(type: 3 | flags)
    case .hash(let type, let algorithm, let value):
      return [4 | flags | UInt32(type) << 16 | UInt32(algorithm) << 24, value, 0, 0]
    case .xdp(let headroom): return [5 | flags | UInt32(headroom) << 16, 0, 0, 0]
    }
  }
}

extension MACAddress {
  /// Takes octets 2 to 7 of an extra info.
  fileprivate init(extraWords words: SlotWords) {
    let upper = UInt64(UInt16(truncatingIfNeeded: words[0] >> 16).byteSwapped)
    self.init(bits: upper << 32 | UInt64(words[1].byteSwapped))
  }

  fileprivate func extraWords(type: UInt32) -> SlotWords {
    let upper = UInt16(truncatingIfNeeded: bits >> 32).byteSwapped
    return [type | UInt32(upper) << 16, UInt32(truncatingIfNeeded: bits).byteSwapped, 0, 0]
  }
}
