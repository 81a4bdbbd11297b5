public import Netback
public import Netfront
public import Netif
public import SimulatedXen
public import TraceFormat
public import XenInterface

/// The world that a trace is replayed in: a guest and the backend that serves it.
public struct ReplayWorld {
  /// What the replayed backend sees of Xen.
  public let backend: DomainInterface
  /// What the guest sees of Xen.
  public let guest: DomainInterface
  /// Whether any grant status may be put in place of Xen's own: in a simulation, never on real
  /// grants. Without it only a bad grant reference can be made to fail.
  public let injectsStatuses: Bool

  /// Describes a world of real grants.
  public init(backend: DomainInterface, guest: DomainInterface) {
    self.init(backend: backend, guest: guest, injectsStatuses: false)
  }

  /// Two domains of a simulated machine.
  public init(on machine: SimulatedMachine, guest: DomainID = DomainID(rawValue: 1)) {
    self.init(
      backend: machine.connect(.control), guest: machine.connect(guest), injectsStatuses: true)
  }

  private init(backend: DomainInterface, guest: DomainInterface, injectsStatuses: Bool) {
    self.backend = backend
    self.guest = guest
    self.injectsStatuses = injectsStatuses
  }
}

/// How a trace is replayed.
public struct ReplayOptions: Hashable, Sendable {
  /// Judges the guest by these rules instead of the trace's.
  public var profile: RuleProfile?
  /// How the backend comes at the guest's data.
  public var path: DataPath
  /// Divergences that are kept with all they say; the others are counted.
  public var keptDivergences: Int
  /// Judges from this place on; what is before it only brings the vifs to where they stand there.
  public var from: TracePoint?
  /// Ends at this place.
  public var to: TracePoint?
  /// Replays these queues, and no others; all if there are none.
  public var queues: [QueueChoice] = []

  /// Describes a replay.
  public init(
    profile: RuleProfile? = nil, path: DataPath = .copy, keptDivergences: Int = 16
  ) {
    self.profile = profile
    self.path = path
    self.keptDivergences = keptDivergences
  }
}

/// Why a trace could not be replayed.
public enum ReplayError: Error, Hashable, Sendable {
  /// The trace could not be read.
  case trace(TraceError)
  /// The guest's half could not be made: no pages, no event channel.
  case front(NetfrontError)
  /// The backend could not map the guest's rings.
  case grant(GrantError)
  /// A vif's snapshot is one that no backend was ever in.
  case badSnapshot(vif: Int)
  /// Events are missing before the place to judge from, the event of this number, and nothing behind
  /// them says how the vifs stand there.
  case noState(number: UInt64)
  /// The trace has no place to judge from: it ends before, after so many events.
  case placeBehindEnd(events: UInt64)
  /// The place to end at stands before the one to judge from.
  case emptyRange
  /// The times are of another clock than those of a trace that it is replayed together with.
  case otherClock
  /// No vif has such a queue.
  case noQueue(QueueChoice)
}
