public import XenInterface
public import XenRing

// RX is the frontend's: packets that the guest receives. Layouts: xen/io/netif.h.

/// A page that a guest offers for received data (C type `netif_rx_request`, 8 octets). Untrusted.
public struct RxRequest: RingSlot, Hashable, BitwiseCopyable {
  /// What the answer must carry.
  public var id: UInt16
  /// Whether the page may stay mapped (private; bit 15 of the octets that the protocol leaves unused,
  /// and with the meaning of `TxFlags.persist`).
  public var persists: Bool
  /// The granted page.
  public var grant: GrantReference

  /// Describes an offered page.
  public init(id: UInt16, grant: GrantReference, persists: Bool = false) {
    self.id = id
    self.grant = grant
    self.persists = persists
  }

  /// See `RingSlot`.
  @inlinable public static var wordCount: Int { 2 }

  /// See `RingMemory`.
  @inlinable public init(words: SlotWords) {
    id = UInt16(truncatingIfNeeded: words[0])
    persists = words[0] >> 31 != 0
    grant = GrantReference(rawValue: words[1])
  }

  /// See `RingSlot`.
  @inlinable public var words: SlotWords {
    [UInt32(id) | (persists ? 1 << 31 : 0), grant.rawValue, 0, 0]
  }
}

/// Flags of an RX response. Bits 0 and 1 mean the opposite of a TX request's.
public struct RxFlags: OptionSet, Hashable, Sendable, BitwiseCopyable {
  /// All sixteen bits.
  public let rawValue: UInt16
  /// Takes all sixteen bits.
  @inlinable public init(rawValue: UInt16) { self.rawValue = rawValue }
  /// The data was checked (C: `NETRXF_data_validated`).
  @inlinable public static var dataValidated: RxFlags { RxFlags(rawValue: 1) }
  /// The transport checksum is left to be filled in (C: `NETRXF_csum_blank`).
  @inlinable public static var checksumBlank: RxFlags { RxFlags(rawValue: 2) }
  /// Another slot of this packet follows (C: `NETRXF_more_data`).
  @inlinable public static var moreData: RxFlags { RxFlags(rawValue: 4) }
  /// Extra infos follow the first slot (C: `NETRXF_extra_info`).
  @inlinable public static var extraInfo: RxFlags { RxFlags(rawValue: 8) }
}

/// The answer to one RX slot (C type `netif_rx_response`, 8 octets). It replaces the request.
public struct RxResponse: RingSlot, Hashable, BitwiseCopyable {
  /// The request's id.
  public var id: UInt16
  /// First octet of data in the page.
  public var offset: UInt16
  /// Flags.
  public var flags: RxFlags
  /// Octets in the page, or an error below 0.
  public var status: NetifStatus

  /// Describes an answer.
  @inlinable public init(id: UInt16, offset: UInt16, flags: RxFlags, status: NetifStatus) {
    self.id = id
    self.offset = offset
    self.flags = flags
    self.status = status
  }

  /// See `RingSlot`.
  @inlinable public static var wordCount: Int { 2 }

  /// See `RingMemory`.
  @inlinable public init(words: SlotWords) {
    id = UInt16(truncatingIfNeeded: words[0])
    offset = UInt16(truncatingIfNeeded: words[0] >> 16)
    flags = RxFlags(rawValue: UInt16(truncatingIfNeeded: words[1]))
    status = NetifStatus(rawValue: Int16(truncatingIfNeeded: words[1] >> 16))
  }

  /// See `RingSlot`.
  @inlinable public var words: SlotWords {
    [
      UInt32(id) | UInt32(offset) << 16,
      UInt32(flags.rawValue) | UInt32(UInt16(bitPattern: status.rawValue)) << 16, 0, 0,
    ]
  }
}
