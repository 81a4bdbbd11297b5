public import TraceFormat
public import XenInterface

/// Where a replay went another way than the recording.
public struct Divergence: Hashable, Sendable {
  /// What is wrong.
  public enum Kind: Hashable, Sendable {
    /// Both sides have the event, with different fields.
    case differs
    /// The recording has it, the replay has not.
    case missing
    /// The replay has it, the recording has not.
    case unexpected
    /// The octets differ from this one on.
    case octets(Int)
    /// The octets differ; from which one on is not known.
    case content
    /// The guest's page does not hold what the answer says was put there, from this octet on.
    case page(Int)
    /// An event of a vif or queue that is not there.
    case unknownQueue
  }

  /// What is wrong.
  public var kind: Kind
  /// Number of the recorded event; for an unexpected one, of the end of its turn.
  public var number: UInt64
  /// The vif, by its place in the header.
  public var vif: UInt16
  /// The queue.
  public var queue: UInt16
  /// What was recorded.
  public var recorded: TraceEvent?
  /// What the replay did, with the trace's own grant references.
  public var replayed: TraceEvent?
}

/// All that the recording and the replay did in the turn of a divergence.
public struct DivergentTurn: Hashable, Sendable {
  /// The recorded events.
  public var recorded: [TraceEvent]
  /// The events of the replay.
  public var replayed: [TraceEvent]
}

/// The verdict of a replay.
public struct ReplayReport: Hashable, Sendable {
  /// Events that the trace has, up to where the replay ended.
  public var recorded: UInt64 = 0
  /// Events that the replayed backend made.
  public var replayed: UInt64 = 0
  /// Recorded events that were compared with the replay's and agreed.
  public var matched: UInt64 = 0
  /// Differences, each at one event.
  public var diverged: UInt64 = 0
  /// The first differences.
  public var divergences: [Divergence] = []
  /// The turn of the first difference.
  public var firstTurn: DivergentTurn?
  /// Frames from the guest that were compared.
  public var frames: UInt64 = 0
  /// Octets of them and of the guest's receive pages that were compared.
  public var octets: UInt64 = 0
  /// Octets of guest memory that the trace gave.
  public var memoryOctets: UInt64 = 0
  /// Those among them that were seen in a grant copy, apart from the frames they are compared with.
  public var independentOctets: UInt64 = 0
  /// Answers whose place in the ring was the backend's to choose, and was compared.
  public var orderJudged: UInt64 = 0
  /// Answers that came from the release of a frame: their order was taken from the trace.
  public var orderFollowed: UInt64 = 0
  /// Requests that were under way when the trace began, and were answered in it.
  public var answeredFromBefore: UInt64 = 0
  /// Failed grant operations that this world could not make fail in the same way.
  public var notExpressible: UInt64 = 0
  /// Events of kinds that are for people, and of what cannot be replayed there.
  public var notReplayed: UInt64 = 0
  /// Events of turns that the trace's begin, end or gap cut.
  public var cut: UInt64 = 0
  /// Frames that a live backend delivered where nobody sees them.
  public var unseen: UInt64 = 0
  /// Frames for the guest that a live backend could not be given.
  public var ungiven: UInt64 = 0
  /// Frames that a live backend's guest got and that are not the trace's.
  public var foreign: UInt64 = 0
  /// Vifs whose replay ended at a gap.
  public var gaps: [Gap] = []
  /// Guests that the replayed backend cut off, in order.
  public var cutOffs: [CutOff] = []
  /// What the replayed backend has asked of Xen for the guest's data.
  public var grants = GrantUse()
  /// What became of the pages that it mapped of packets.
  public var mapped = MappedUse()
  /// Packets that it has carried, both ways.
  public var packets: UInt64 = 0
  /// Whether the trace ends without its index.
  public var isTruncated = false
  /// How often the trace was replayed.
  public var rounds: UInt64 = 1
  /// The first round with a difference.
  public var divergentRound: UInt64 = 1
  /// Differences before the place from which on was judged.
  public var divergedBefore: UInt64 = 0
  /// How late events were, where they were waited for.
  public var lateness: Lateness?

  /// Where events are missing: the replay of a vif ends there.
  public struct Gap: Hashable, Sendable {
    /// The vif, by its place in the header.
    public var vif: UInt16
    /// Number of the gap in the trace.
    public var number: UInt64
    /// Events that are missing.
    public var lost: UInt64
  }

  /// Whether the replay did all that was recorded, and nothing else.
  public var isFaithful: Bool { diverged == 0 }
  /// The share of guest memory whose source is independent of the frames it is compared with; 1
  /// when the trace has none.
  public var independentShare: Double {
    memoryOctets == 0 ? 1 : Double(independentOctets) / Double(memoryOctets)
  }

  /// Nothing yet.
  public init() {}

  /// Adds what a vif has asked of Xen, and its packets.
  mutating func count(_ use: (grants: GrantUse, mapped: MappedUse, packets: UInt64)) {
    grants += use.grants
    mapped += use.mapped
    packets += use.packets
  }
}
