public import XenInterface
public import XenRing

/// One thing that the kernel's netback did, as the tap saw it.
///
/// Records come in the order of `sequence`, without holes: what is missing stands there as a gap.
public struct TapRecord: Sendable {
  /// Its number, counted from when the tap was attached.
  public var sequence: UInt64
  /// When, on the clock `CLOCK_MONOTONIC`.
  public var time: MonotonicInstant
  /// Which queue; `nil` for what concerns the whole vif.
  public var queue: UInt16?
  /// The processor it ran on.
  public var processor: UInt16
  /// What happened.
  public var body: Body
  /// The octets that ranges in `body` point into: contents of pages and frames.
  public var octets: [UInt8]

  /// What the tap can see. The kernel's functions and fields stand beside.
  public enum Body: Sendable {
    /// The vif as a whole, when the tap looked at it.
    case vif(TapVif)
    /// The TX half of a queue; all TX records of the queue after this one build on it.
    case txSnapshot(TapTxSnapshot)
    /// The RX half of a queue; all RX records of the queue after this one build on it.
    case rxSnapshot(TapRxSnapshot)
    /// A snapshot that did not hold: only its number is left.
    case nothing
    /// Entry of `xenvif_tx_action`.
    case pollBegin(TapPoll)
    /// Return of `xenvif_tx_action`.
    case pollEnd(TapPoll)
    /// TX slots that were published during a poll.
    case txSlots(TapSlots)
    /// Return of `gnttab_batch_copy` in a poll. Their contents follow in `octets`.
    case copies([TapCopy])
    /// Return of `gnttab_map_refs` in a poll.
    case maps([TapMap])
    /// Return of `gnttab_unmap_refs`.
    case unmaps([TapUnmap])
    /// Entry of `xenvif_idx_release` or `make_tx_response`.
    case response(TapResponse)
    /// Response slots as they stood in the ring after two processors had answered at once: they
    /// tell in which order.
    case responseSlots(TapSlots)
    /// `xenvif_zerocopy_callback`: the frame that these pending requests belong to is done with.
    case releases(TapReleases)
    /// `netif_receive_skb` in a poll: a frame went to the network.
    case delivered(TapFrame)
    /// RX requests, before responses overwrite them.
    case rxRequests(TapSlots)
    /// Entry of `xenvif_rx_skb`: a frame was taken for the guest.
    case taken(TapFrame)
    /// `xenvif_rx_copy_flush`: a batch of copies to the guest, and the responses it pushed.
    case rxFlush(TapRxFlush)
    /// The control ring and what it has set; all its records after this one build on it.
    case controlSnapshot(TapControlSnapshot)
    /// Messages on the control ring, before answers overwrite them.
    case controlRequests(TapControlSlots)
    /// What a message has copied out of a page of the guest's.
    case controlCopies(TapControlCopies)
    /// Return of `xenvif_ctrl_irq_fn`: the slots that it has answered, as they stand then.
    case controlAnswers(TapControlSlots)
    /// Return of `xenvif_connect_data`; 0 when it worked.
    case connected(result: Int32)
    /// Return of `xenvif_disconnect_data`, with the number of queues.
    case disconnected(queues: Int)
    /// `xenvif_fatal_tx_err`: the backend cuts the frontend off.
    case disabled
    /// `xenvif_carrier_off`.
    case carrierOff
    /// This many records are missing here.
    case gap(lost: UInt64)
  }

  /// The octets of a range.
  public func contents(_ range: Range<Int>) -> ArraySlice<UInt8> { octets[range] }
}

/// What a vif has negotiated, and how it is.
public struct TapVif: Hashable, Sendable {
  /// The guest.
  public var domain: DomainID
  /// The device number.
  public var handle: VifHandle
  /// Queues in use (`num_queues`); 0 while not connected.
  public var queues: UInt32
  /// Bit 1 TCPv4, bit 2 TCPv6 (`gso_mask`).
  public var segmentation: UInt32
  /// `feature-sg`.
  public var scatterGather: Bool
  /// IPv4 checksums may be left blank.
  public var checksumIPv4: Bool
  /// IPv6 checksums may be left blank.
  public var checksumIPv6: Bool
  /// `request-multicast-control`.
  public var multicastControl: Bool
  /// Cut off.
  public var isDisabled: Bool
  /// The rings are in use.
  public var isConnected: Bool
  /// The guest's hardware address.
  public var address: [UInt8]
  /// Entries of the multicast list.
  public var multicastAddresses: UInt32
  /// Octets left free at the start of each RX page.
  public var headroom: UInt32
}

/// A ring's indices.
public struct TapRing: Hashable, Sendable {
  /// `req_prod` of the shared page.
  public var requestProducer: RingIndex
  /// `req_event` of the shared page.
  public var requestEvent: RingIndex
  /// `rsp_prod` of the shared page.
  public var responseProducer: RingIndex
  /// `rsp_event` of the shared page.
  public var responseEvent: RingIndex
  /// The backend's `req_cons`.
  public var requestConsumer: RingIndex
  /// The backend's `rsp_prod_pvt`.
  public var privateProducer: RingIndex
}

/// Neighbouring slots of a ring.
public struct TapSlots: Hashable, Sendable {
  /// Absolute index of the first.
  public var first: RingIndex
  /// Words of one slot: 3 on TX, 2 on RX.
  public var wordsPerSlot: Int
  /// All words, slot after slot.
  public var words: [UInt32]
  /// How many slots.
  public var count: Int { words.count / wordsPerSlot }
}

/// A request that the backend has taken and not answered.
public struct TapPending: Hashable, Sendable {
  /// Its place in the backend's table.
  public var pendingIndex: UInt16
  /// The request's three words.
  public var request: [UInt32]
  /// Extra infos that its answer covers.
  public var extras: UInt32
  /// The mapping of its page; `nil` when it is not mapped.
  public var mapping: UInt32?
}

/// The TX half of a queue.
public struct TapTxSnapshot: Hashable, Sendable {
  /// Taken while another processor answered: indices may be off by what it answered.
  public var isTorn: Bool
  /// Which of the tap's rounds of snapshots it belongs to.
  public var round: UInt32
  /// The vif.
  public var vif: TapVif
  /// Multicast addresses that the guest asked for, in the order in which they were added.
  public var multicast: [[UInt8]] = []
  /// The ring.
  public var ring: TapRing
  /// Requests taken and not answered, in no order.
  public var pending: [TapPending]
  /// Frames released and not answered yet: indices of the release ring.
  public var releases: Range<UInt32>
  /// Octets that may still be sent in this window.
  public var remainingCredit: UInt64
  /// Octets per window; `UInt64.max` when not limited.
  public var creditBytes: UInt64
  /// Microseconds per window.
  public var creditMicroseconds: UInt64
  /// Waiting for credit.
  public var isRateLimited: Bool
  /// Slots that are published and not taken.
  public var slots: TapSlots
}

/// The RX half of a queue.
public struct TapRxSnapshot: Hashable, Sendable {
  /// Which of the tap's rounds of snapshots it belongs to.
  public var round: UInt32
  /// The ring.
  public var ring: TapRing
  /// Frames that wait for the guest.
  public var queuedFrames: UInt32
  /// Octets in them.
  public var queuedOctets: UInt32
  /// The guest gives no slots.
  public var isStalled: Bool
  /// Requests that are published and not taken.
  public var slots: TapSlots
}

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

/// A frame's flow hash.
public struct TapHash: Hashable, Sendable {
  /// It.
  public var value: UInt32
  /// The frame's Ethernet type.
  public var protocolNumber: UInt16
  /// Whether it is of ports, too (`l4_hash`).
  public var coversPorts: Bool
}

/// The control ring and what it has set (`struct xenvif_hash`).
public struct TapControlSnapshot: Hashable, Sendable {
  /// Which of the tap's rounds of snapshots it belongs to.
  public var round: UInt32
  /// The ring; `nil` when the guest has connected none.
  public var ring: TapRing?
  /// `XEN_NETIF_CTRL_HASH_ALGORITHM_*`.
  public var algorithm: UInt32
  /// `XEN_NETIF_CTRL_HASH_TYPE_*`.
  public var types: UInt32
  /// The key's 40 octets.
  public var key: [UInt8]
  /// Queue numbers; empty for the hash modulo the queues.
  public var mapping: [UInt32]
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
