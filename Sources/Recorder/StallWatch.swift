public import TraceFormat
public import XenInterface

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
