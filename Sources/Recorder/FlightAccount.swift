public import TraceFormat
public import XenInterface

/// What a flight recorder has come to.
public struct FlightAccount: Hashable, Sendable {
  /// Triggers that were something new.
  public var triggers: UInt64 = 0
  /// Files written.
  public var files: UInt64 = 0
  /// Triggers that are in the file of one before them.
  public var joined: UInt64 = 0
  /// Causes that came up again within a minute.
  public var repeated: UInt64 = 0
  /// Files that could not be written.
  public var unwritten: UInt64 = 0
  /// Octets of memory in use, but for the newest piece.
  public var kept: UInt64 = 0
  /// Nanoseconds back to which memory goes.
  public var reach: UInt64 = 0

  /// Nothing yet.
  public init() {}

  /// Adds what another recorder has come to and written.
  public static func += (sum: inout Self, other: Self) {
    sum.triggers += other.triggers
    sum.files += other.files
    sum.joined += other.joined
    sum.repeated += other.repeated
    sum.unwritten += other.unwritten
  }
}

/// Looks for rings that stand still while a recording goes on.
public protocol StallWatch: AnyObject {
  /// Takes the next event.
  func take(_ event: TraceEvent, payload: RawSpan)
  /// Stalls that are there at this time of the events' clock, and have not been told.
  func standing(at time: MonotonicInstant) -> [StandingRing]
}

/// A ring that stands still.
public struct StandingRing: Hashable, Sendable {
  /// The vif, by its place in the trace.
  public var vif: UInt16
  /// Which ring, and why.
  public var words: String

  /// Describes a stall.
  public init(vif: UInt16, words: String) {
    self.vif = vif
    self.words = words
  }
}

/// The time by the clock of the events, also while none comes. The clock that a recording is driven by may be
/// another.
struct EventClock {
  private var last = MonotonicInstant(nanoseconds: 0)
  private var lastAt = MonotonicInstant(nanoseconds: 0)
  private var isNew = false
  private var now = MonotonicInstant(nanoseconds: 0)

  mutating func see(_ time: MonotonicInstant) {
    last = max(last, time)
    isNew = true
  }

  mutating func look(_ now: MonotonicInstant) {
    if isNew { lastAt = now }
    isNew = false
    self.now = now
  }

  /// The time when it was looked at last.
  var time: MonotonicInstant {
    last.advanced(by: now.nanoseconds - min(now.nanoseconds, lastAt.nanoseconds))
  }
}
