public import Netif
public import XenInterface
public import XenRing

/// What a trace says of itself before its first event.
public struct TraceHeader: Hashable, Sendable {
  /// Where the events come from.
  public enum Source: UInt8, Sendable, CaseIterable {
    /// The Swift netback's own tap.
    case inProcess = 0
    /// The kernel's netback, seen by the kernel tap.
    case kernelTap = 1
    /// Written or edited by a person.
    case byHand = 2
    /// Made by the fuzzer.
    case fuzzer = 3
  }

  /// Which clock the times are of.
  public enum Clock: UInt8, Sendable, CaseIterable {
    /// `CLOCK_MONOTONIC` of the recording machine.
    case monotonic = 0
    /// The simulation's clock.
    case simulated = 1
  }

  /// Where the events come from.
  public var source: Source
  /// Which clock the times are of.
  public var clock: Clock
  /// Wall-clock time of the first event that the recorder saw happen, in nanoseconds since 1970; 0 when
  /// not known.
  public var wallTime: UInt64
  /// Rules of the backend that was recorded.
  public var profile: RuleProfile
  /// In which order that backend answers TX slots; a replay answers in the same.
  public var order: AnswerOrder
  /// Octets kept of each packet's data, at most; 0 keeps none.
  public var snapLength: UInt32
  /// Nanoseconds to which times were rounded down, 1 or more. Coarser times take less room.
  public var timeUnit: UInt32
  /// What wrote the file, for people.
  public var tool: String
  /// Options it was written with, for people.
  public var options: String
  /// What was taken out or replaced on purpose, for people; empty when nothing was.
  public var redaction: String
  /// The vifs, with the state from which a replay starts.
  public var vifs: [VifSnapshot]

  /// Describes a trace.
  public init(
    source: Source, clock: Clock, wallTime: UInt64 = 0, profile: RuleProfile,
    order: AnswerOrder = .ring, snapLength: UInt32,
    timeUnit: UInt32 = 1, tool: String, options: String = "", redaction: String = "",
    vifs: [VifSnapshot]
  ) {
    self.source = source
    self.clock = clock
    self.wallTime = wallTime
    self.profile = profile
    self.order = order
    self.snapLength = snapLength
    self.timeUnit = timeUnit
    self.tool = tool
    self.options = options
    self.redaction = redaction
    self.vifs = vifs
  }
}

/// A vif as it stood when the trace began, busy or idle.
public struct VifSnapshot: Hashable, Sendable {
  /// The guest.
  public var domain: DomainID
  /// The device number.
  public var handle: VifHandle
  /// What the guest negotiated.
  public var features: NetifFeatures
  /// Already cut off?
  public var isDisabled: Bool
  /// Multicast addresses asked for so far.
  public var multicast: [MACAddress]
  /// What the guest asked of flow hashing so far.
  public var hash: HashSnapshot
  /// The control ring; nil when there is none.
  public var control: QueueSnapshot.Indices?
  /// Store keys of both ends, `frontend/NAME` and `backend/NAME`, sorted by name.
  public var keys: [Key]
  /// One entry per queue; empty while not connected.
  public var queues: [QueueSnapshot]

  /// A store key.
  public struct Key: Hashable, Sendable {
    /// `frontend/NAME` or `backend/NAME`.
    public var name: String
    /// Its value.
    public var value: String

    /// Describes a key.
    public init(name: String, value: String) {
      self.name = name
      self.value = value
    }
  }

  /// Describes a vif.
  public init(
    domain: DomainID, handle: VifHandle, features: NetifFeatures = [], isDisabled: Bool = false,
    multicast: [MACAddress] = [], hash: HashSnapshot = HashSnapshot(),
    control: QueueSnapshot.Indices? = nil, keys: [Key] = [], queues: [QueueSnapshot] = []
  ) {
    self.domain = domain
    self.handle = handle
    self.features = features
    self.isDisabled = isDisabled
    self.multicast = multicast
    self.hash = hash
    self.control = control
    self.keys = keys
    self.queues = queues
  }
}

/// How a guest wants its flows spread over its queues, as set through the control ring.
public struct HashSnapshot: Hashable, Sendable {
  /// C constants `XEN_NETIF_CTRL_HASH_ALGORITHM_*`.
  public var algorithm: UInt32
  /// Mask of hash types, `XEN_NETIF_CTRL_HASH_TYPE_*`.
  public var types: UInt32
  /// The key's octets.
  public var key: [UInt8]
  /// Queue by hash value, cut to the size of the table.
  public var mapping: [UInt32]

  /// Describes hashing; none by default.
  public init(
    algorithm: UInt32 = 0, types: UInt32 = 0, key: [UInt8] = [], mapping: [UInt32] = []
  ) {
    self.algorithm = algorithm
    self.types = types
    self.key = key
    self.mapping = mapping
  }
}

/// A queue as it stood when the trace began.
public struct QueueSnapshot: Hashable, Sendable {
  /// A ring's indices: private ones of the backend, and those in the shared page.
  public struct Indices: Hashable, Sendable {
    /// `req_cons`.
    public var requestConsumer: RingIndex
    /// `rsp_prod_pvt`.
    public var responseProducer: RingIndex
    /// `req_prod` of the page.
    public var requestProducer: RingIndex
    /// `req_event` of the page.
    public var requestEvent: RingIndex
    /// `rsp_event` of the page.
    public var responseEvent: RingIndex

    /// Describes indices; all at `start`, events one ahead, by default.
    public init(startingAt start: RingIndex = RingIndex(rawValue: 0)) {
      requestConsumer = start
      responseProducer = start
      requestProducer = start
      requestEvent = start.advanced(by: 1)
      responseEvent = start.advanced(by: 1)
    }
  }

  /// A TX request that was taken and not yet answered.
  public struct Unanswered: Hashable, Sendable {
    /// The request as the backend keeps it.
    public var request: TxRequest
    /// Extra infos that its answer covers.
    public var extras: UInt8

    /// Describes an unanswered request.
    public init(request: TxRequest, extras: UInt8) {
      self.request = request
      self.extras = extras
    }
  }

  /// A slot that is published and not yet taken.
  public struct Slot: Hashable, Sendable {
    /// Its index.
    public var index: RingIndex
    /// Its words.
    public var words: TraceEvent.Words

    /// Describes a slot.
    public init(index: RingIndex, words: TraceEvent.Words) {
      self.index = index
      self.words = words
    }
  }

  /// The TX ring.
  public var tx: Indices
  /// The RX ring.
  public var rx: Indices
  /// TX requests taken and not yet answered, oldest first.
  public var unanswered: [Unanswered]
  /// TX slots published and not yet taken.
  public var txSlots: [Slot]
  /// RX slots published and not yet taken.
  public var rxSlots: [Slot]
  /// Octets that may still be sent in this window.
  public var remainingCredit: UInt64
  /// Octets per window; `UInt64.max` when not limited.
  public var creditBytes: UInt64
  /// Microseconds per window.
  public var creditMicroseconds: UInt64
  /// Frames waiting for the guest.
  public var queuedFrames: UInt32
  /// Octets in them.
  public var queuedOctets: UInt64

  /// Describes a queue; a fresh, idle one by default.
  public init(tx: Indices = Indices(), rx: Indices = Indices()) {
    self.tx = tx
    self.rx = rx
    unanswered = []
    txSlots = []
    rxSlots = []
    remainingCredit = .max
    creditBytes = .max
    creditMicroseconds = 0
    queuedFrames = 0
    queuedOctets = 0
  }
}
