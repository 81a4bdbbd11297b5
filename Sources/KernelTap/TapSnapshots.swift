public import XenInterface
public import XenRing

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
