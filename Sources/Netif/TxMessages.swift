public import XenInterface
public import XenRing

// TX is the frontend's: packets that the guest sends. Layouts: xen/io/netif.h.

/// Flags of a TX request. Bits 0 and 1 mean the opposite of an RX response's.
public struct TxFlags: OptionSet, Hashable, Sendable, BitwiseCopyable {
  /// All sixteen bits, unknown ones too.
  public let rawValue: UInt16
  /// Takes all sixteen bits.
  @inlinable public init(rawValue: UInt16) { self.rawValue = rawValue }
  /// The transport checksum is left to be filled in (C: `NETTXF_csum_blank`).
  @inlinable public static var checksumBlank: TxFlags { TxFlags(rawValue: 1) }
  /// The data was checked (C: `NETTXF_data_validated`).
  @inlinable public static var dataValidated: TxFlags { TxFlags(rawValue: 2) }
  /// Another data slot of this packet follows (C: `NETTXF_more_data`).
  @inlinable public static var moreData: TxFlags { TxFlags(rawValue: 4) }
  /// Extra infos follow the first slot (C: `NETTXF_extra_info`).
  @inlinable public static var extraInfo: TxFlags { TxFlags(rawValue: 8) }
  /// The first octets lie in a slot of the header area, whose number stands in place of the grant
  /// reference (private; counts only where both ends have agreed on `HeaderArea`).
  @inlinable public static var headerSlot: TxFlags { TxFlags(rawValue: 1 << 14) }
  /// The page may stay mapped: it will be used again (private; counts only where both ends have agreed on
  /// `feature-x-ringside-persist`).
  @inlinable public static var persist: TxFlags { TxFlags(rawValue: 1 << 15) }
}

/// What a guest wrote into a TX slot (C type `netif_tx_request`, 12 octets). Untrusted.
public struct TxRequest: RingSlot, Hashable, BitwiseCopyable {
  /// The granted page.
  public var grant: GrantReference
  /// First octet in the page.
  public var offset: UInt16
  /// Flags, unknown bits included.
  public var flags: TxFlags
  /// What the answer must carry.
  public var id: UInt16
  /// Octets: of the whole packet in its first slot, of the slot in the others.
  public var size: UInt16

  /// Describes a request.
  public init(grant: GrantReference, offset: UInt16, flags: TxFlags, id: UInt16, size: UInt16) {
    self.grant = grant
    self.offset = offset
    self.flags = flags
    self.id = id
    self.size = size
  }

  /// See `RingSlot`.
  @inlinable public static var wordCount: Int { 3 }

  /// See `RingMemory`.
  @inlinable public init(words: SlotWords) {
    grant = GrantReference(rawValue: words[0])
    offset = UInt16(truncatingIfNeeded: words[1])
    flags = TxFlags(rawValue: UInt16(truncatingIfNeeded: words[1] >> 16))
    id = UInt16(truncatingIfNeeded: words[2])
    size = UInt16(truncatingIfNeeded: words[2] >> 16)
  }

  /// See `RingSlot`.
  @inlinable public var words: SlotWords {
    [
      grant.rawValue, UInt32(offset) | UInt32(flags.rawValue) << 16,
      UInt32(id) | UInt32(size) << 16, 0,
    ]
  }
}

/// The answer to one TX slot (C type `netif_tx_response`, 4 octets of the 12-octet slot).
public struct TxResponse: RingSlot, Hashable, BitwiseCopyable {
  /// The request's id.
  public var id: UInt16
  /// What became of it.
  public var status: NetifStatus

  /// Describes an answer.
  @inlinable public init(id: UInt16, status: NetifStatus) {
    self.id = id
    self.status = status
  }

  /// Octet of the slot at which the status stands.
  @inlinable public static var statusOctet: Int { 2 }
  /// See `RingSlot`.
  @inlinable public static var wordCount: Int { 1 }

  /// See `RingMemory`.
  @inlinable public init(words: SlotWords) {
    id = UInt16(truncatingIfNeeded: words[0])
    status = NetifStatus(rawValue: Int16(truncatingIfNeeded: words[0] >> 16))
  }

  /// See `RingSlot`.
  @inlinable public var words: SlotWords {
    [UInt32(id) | UInt32(UInt16(bitPattern: status.rawValue)) << 16, 0, 0, 0]
  }
}

/// What became of a slot (C constants `NETIF_RSP_*`). On RX a value of 0 or more counts octets, and
/// Linux writes raw grant statuses below 0.
public struct NetifStatus: RawRepresentable, Hashable, Sendable, BitwiseCopyable {
  /// The number as it stands in the slot.
  public var rawValue: Int16
  /// Takes the number as it stands in the slot.
  @inlinable public init(rawValue: Int16) { self.rawValue = rawValue }
  /// Dropped by the backend.
  @inlinable public static var dropped: NetifStatus { NetifStatus(rawValue: -2) }
  /// Refused, or its grant could not be used.
  @inlinable public static var error: NetifStatus { NetifStatus(rawValue: -1) }
  /// Taken. It does not say that the packet was delivered.
  @inlinable public static var okay: NetifStatus { NetifStatus(rawValue: 0) }
  /// No answer: fills the slot of an extra info.
  @inlinable public static var null: NetifStatus { NetifStatus(rawValue: 1) }
}
