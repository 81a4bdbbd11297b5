public import XenInterface
public import XenRing

/// A TX poll begins or ends.
public struct TapPoll: Hashable, Sendable {
  /// The ring.
  public var ring: TapRing
  /// Octets that may still be sent.
  public var remainingCredit: UInt64
  /// Packets: as it begins, those that it may take; as it ends, those that it took.
  public var packets: UInt32
  /// Waiting for credit.
  public var isRateLimited: Bool
  /// Slots published since the last record.
  public var slots: TapSlots
}

/// One side of a grant copy: a guest's page or one of the host's.
public struct TapCopyOperand: Hashable, Sendable {
  /// A guest's page; `nil` for one of the host's.
  public var grant: GrantReference?
  /// Whose page.
  public var domain: DomainID
  /// First octet in the page.
  public var offset: UInt16
}

/// A grant copy.
public struct TapCopy: Hashable, Sendable {
  /// From where.
  public var source: TapCopyOperand
  /// To where.
  public var destination: TapCopyOperand
  /// How many octets.
  public var length: UInt16
  /// Xen's answer.
  public var status: Int16
  /// What was copied, up to the snap length, in the record's octets.
  public var contents: Range<Int>
}

/// A grant mapped.
public struct TapMap: Hashable, Sendable {
  /// The page.
  public var grant: GrantReference
  /// Whose.
  public var domain: DomainID
  /// `GNTMAP_*`.
  public var flags: UInt32
  /// Xen's answer.
  public var status: Int16
  /// Names the mapping, when there is one.
  public var handle: UInt32
  /// The request it is for; `nil` when it was not found.
  public var pendingIndex: UInt16?
  /// First octet that the request names.
  public var offset: UInt16
  /// Octets that it names.
  public var length: UInt16
  /// What they were, up to the snap length, in the record's octets.
  public var contents: Range<Int>
}

/// A mapping ended.
public struct TapUnmap: Hashable, Sendable {
  /// Which.
  public var handle: UInt32
  /// Xen's answer.
  public var status: Int16
}

/// An answer to a TX request.
public struct TapResponse: Hashable, Sendable {
  /// The ring index at which the backend stood. The answer is here, or later when another processor
  /// answered at the same time (`responseSlots` follows then).
  public var index: RingIndex
  /// NULL responses behind it.
  public var extras: UInt32
  /// The request's place in the backend's table; `nil` when it was answered before it got one.
  public var pendingIndex: UInt16?
  /// `NETIF_RSP_*`.
  public var status: Int16
  /// The request as the backend used it: gref, flags and offset, id and size. Its size and offset
  /// may be what was left after a part was copied.
  public var request: [UInt32]
  /// Seen only after it was pushed.
  public var isLate: Bool
}

/// Requests whose frame the network is done with, in order.
public struct TapReleases: Hashable, Sendable {
  /// Index of the first on the backend's release ring.
  public var first: UInt32
  /// The requests' places in the backend's table.
  public var pendingIndices: [UInt16]
}

/// A frame on the network side.
public struct TapFrame: Hashable, Sendable {
  /// Octets on the network.
  public var length: UInt32
  /// RX: the request that it begins at. TX: 0.
  public var index: RingIndex
  /// Octets of payload per segment; 0 for a single segment.
  public var segmentSize: UInt16
  /// `SKB_GSO_*`.
  public var segmentType: UInt32
  /// `CHECKSUM_*`: 0 none, 1 unnecessary, 2 complete, 3 partial.
  public var checksum: UInt8
  /// Its parts beyond the first.
  public var fragments: UInt16
  /// The hash that the vif has computed (`sw_hash`); `nil` when it has none.
  public var hash: TapHash?
  /// Less was captured than the snap length asks for: a part lay where the tap does not look.
  public var isPartial: Bool
  /// The frame, up to the snap length, in the record's octets.
  public var contents: Range<Int>
}

/// Slots of the control ring.
public struct TapControlSlots: Hashable, Sendable {
  /// The ring.
  public var ring: TapRing
  /// The slots, four words each.
  public var slots: TapSlots
}

/// The copies that a control message made.
public struct TapControlCopies: Hashable, Sendable {
  /// The message's index.
  public var index: RingIndex
  /// One copy, or two where the backend's own table crosses a page.
  public var copies: [TapCopy]
  /// What they brought, in the record's octets.
  public var contents: Range<Int>
}

/// A batch of copies to the guest.
public struct TapRxFlush: Hashable, Sendable {
  /// The backend's `req_cons`.
  public var requestConsumer: RingIndex
  /// The responses that were pushed, failed copies entered.
  public var responses: TapSlots
  /// The copies.
  public var copies: [Copy]

  /// A copy and the response that it belongs to.
  public struct Copy: Hashable, Sendable {
    /// Index of the response.
    public var index: RingIndex
    /// The copy.
    public var copy: TapCopy
  }
}
