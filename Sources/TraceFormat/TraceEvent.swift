public import Netif
public import XenInterface
public import XenRing

/// One thing that crossed a vif's rings, grants, store keys or network side.
///
/// Events of a trace stand in one total order. An event is plain data; the octets that belong to
/// some kinds (`payloadLength` says how many) travel beside it.
public struct TraceEvent: Hashable, Sendable, BitwiseCopyable {
  /// Which vif, by its place in the header's list.
  public var vif: UInt16
  /// Which queue of that vif; 0 for events of the vif as a whole.
  public var queue: UInt16
  /// Who saw it.
  public var origin: Origin
  /// What happened.
  public var body: Body
  /// When, in nanoseconds of the trace's clock. It stands last: so the size is a multiple of 16, and
  /// an event that was just copied can be copied again without a stall.
  public var time: MonotonicInstant

  /// Describes an event.
  public init(
    time: MonotonicInstant, vif: UInt16 = 0, queue: UInt16 = 0, origin: Origin, _ body: Body
  ) {
    self.time = time
    self.vif = vif
    self.queue = queue
    self.origin = origin
    self.body = body
  }

  /// Who saw an event.
  public enum Origin: UInt8, Sendable, BitwiseCopyable {
    /// The backend itself, as it used it.
    case fetched = 0
    /// Somebody who looked on from outside.
    case observed = 1
  }
}

/// One of a queue's shared rings, or the vif's control ring.
public enum TraceRing: UInt8, Sendable, BitwiseCopyable, CaseIterable {
  case tx = 0, rx = 1, control = 2
}

/// One end of a vif.
public enum TraceSide: UInt8, Sendable, BitwiseCopyable, CaseIterable {
  case frontend = 0, backend = 1
}

/// Which way a grant copy went.
public enum CopyDirection: UInt8, Sendable, BitwiseCopyable, CaseIterable {
  case fromGuest = 0, toGuest = 1
}

extension TraceEvent {
  /// What happened. Indices are absolute ring indices; names in C beside them.
  public enum Body: Hashable, Sendable, BitwiseCopyable {
    /// The words of a request slot, a request or an extra info: 3 on TX, 2 on RX, 4 on control.
    case slot(ring: TraceRing, index: RingIndex, Words)
    /// The frontend published requests up to `index` (`req_prod`).
    case requestProducer(ring: TraceRing, index: RingIndex)
    /// The backend published responses up to `index` (`rsp_prod`).
    case responseProducer(ring: TraceRing, index: RingIndex)
    /// A side asked to be told of `index`: the frontend's is `rsp_event`, the backend's `req_event`.
    case eventIndex(ring: TraceRing, by: TraceSide, index: RingIndex)
    /// A side sent an event for a ring.
    case notification(ring: TraceRing, by: TraceSide)
    /// The backend began to take requests, at most `budget` packets.
    case pollBegin(ring: TraceRing, budget: UInt32)
    /// The backend stopped; its private indices now (`req_cons`, `rsp_prod_pvt`).
    case pollEnd(ring: TraceRing, consumer: RingIndex, producer: RingIndex, packets: UInt32)
    /// A grant copy and what Xen answered.
    case grantCopy(GrantOperand, direction: CopyDirection, status: GrantStatus)
    /// A page was mapped, or not. `handle` names the mapping when it was.
    case grantMap(GrantReference, readOnly: Bool, handle: UInt32, status: GrantStatus)
    /// A mapping ended.
    case grantUnmap(GrantReference, handle: UInt32, status: GrantStatus)
    /// Octets of a guest page as a copy or a mapping saw them. `length` octets were there; the
    /// payload holds the first of them, up to the snap length.
    case memory(GrantOperand)
    /// The backend was done with the data of the TX request with this index.
    case release(index: RingIndex)
    /// An answer on TX: `index` is its place in the ring, `request` the index of what it answers.
    case txResponse(index: RingIndex, request: RingIndex, id: UInt16, status: NetifStatus)
    /// An answer on RX, as its two words stand in the ring.
    case rxResponse(index: RingIndex, word0: UInt32, word1: UInt32)
    /// An answer on the control ring, as its three words stand in the ring.
    case controlResponse(index: RingIndex, word0: UInt32, word1: UInt32, word2: UInt32)
    /// A frame left the backend towards the network; `request` is its first TX slot.
    case delivered(FrameRecord, request: RingIndex)
    /// A frame from the network was taken for the guest.
    case taken(FrameRecord)
    /// A frame from the network was refused or dropped before it reached the guest.
    case dropped(FrameRecord)
    /// A side's xenbus state changed.
    case state(XenbusState, of: TraceSide)
    /// A store key changed; the payload is `name=value` in UTF-8.
    case key(of: TraceSide, length: UInt32)
    /// The rings of the vif are connected, `queues` of them.
    case connected(queues: UInt16)
    /// The rings of the vif are gone.
    case disconnected
    /// The backend cut the frontend off; `rule` is a `TxViolation` code, 255 when it is not known.
    case disabled(rule: UInt8)
    /// `lost` events are missing here.
    case gap(lost: UInt64)
    /// Something for people; the payload is UTF-8.
    case note(length: UInt32)
    /// The vif as it stands here, so that a replay can start here; also for a vif that the header
    /// does not know. The payload is `VifSnapshot.encoded()`.
    case snapshot(length: UInt32)
  }

  /// Up to four words of a slot; words a ring does not have are zero.
  public struct Words: Hashable, Sendable, BitwiseCopyable {
    /// First word, octets 0 to 3, little-endian.
    public var w0: UInt32
    /// Second word.
    public var w1: UInt32
    /// Third word, TX and control.
    public var w2: UInt32
    /// Fourth word, control.
    public var w3: UInt32

    /// Takes the words of a slot.
    public init(_ w0: UInt32, _ w1: UInt32, _ w2: UInt32 = 0, _ w3: UInt32 = 0) {
      self.w0 = w0
      self.w1 = w1
      self.w2 = w2
      self.w3 = w3
    }
  }

  /// A range of octets in a granted page.
  public struct GrantOperand: Hashable, Sendable, BitwiseCopyable {
    /// The page.
    public var grant: GrantReference
    /// First octet.
    public var offset: UInt16
    /// Octets, as the operation had them.
    public var length: UInt16
    /// Octets of it that are kept beside the event (`memory` only, else 0).
    public var captured: UInt16

    /// Describes a range.
    public init(grant: GrantReference, offset: UInt16, length: UInt16, captured: UInt16 = 0) {
      self.grant = grant
      self.offset = offset
      self.length = length
      self.captured = captured
    }
  }

  /// A frame on the network side.
  public struct FrameRecord: Hashable, Sendable, BitwiseCopyable {
    /// Octets on the network.
    public var length: UInt32
    /// Octets of it that are kept beside the event, up to the snap length.
    public var captured: UInt32
    /// What travelled beside the octets.
    public var offload: FrameOffload

    /// Describes a frame.
    public init(length: UInt32, captured: UInt32, offload: FrameOffload) {
      self.length = length
      self.captured = captured
      self.offload = offload
    }
  }

  /// Octets of payload that travel beside this event.
  public var payloadLength: Int { body.payloadLength }
}

extension TraceEvent.Body {
  /// Octets of payload that travel beside an event with this body.
  var payloadLength: Int {
    switch self {
    case .memory(let range): Int(range.captured)
    case .delivered(let frame, _), .taken(let frame), .dropped(let frame): Int(frame.captured)
    case .key(_, let length), .note(let length), .snapshot(let length): Int(length)
    default: 0
    }
  }

  /// Whether payload may travel beside an event of this kind.
  @inline(__always) var hasPayload: Bool {
    switch self {
    case .memory, .delivered, .taken, .dropped, .key, .note, .snapshot: true
    default: false
    }
  }
}
