public import TraceFormat
public import XenInterface
public import XenRing

/// Where something stands in a trace, as `ringside show --from` takes it.
public struct TracePlace: Hashable, Sendable {
  /// The event's number; `nil` for the state in which the trace begins.
  public var number: UInt64?
  /// Nanoseconds since the trace's first event.
  public var elapsed: UInt64

  /// Describes a place.
  public init(number: UInt64?, elapsed: UInt64) {
    self.number = number
    self.elapsed = elapsed
  }

  /// Whether it stands before `other`.
  public func isBefore(_ other: TracePlace) -> Bool {
    guard let number else { return other.number != nil }
    return other.number.map { number < $0 } ?? false
  }
}

/// A time in which a ring stood still, with the cause that the trace's events prove.
public struct Stall: Hashable, Sendable {
  /// Why a ring stands still.
  public enum Cause: Hashable, Sendable {
    /// The other side crossed the event index of this one, which was not told and does not come.
    case lostNotification(to: TraceSide)
    /// This side waits to be told of an index that the other side has not reached.
    case eventIndexNotPassed(of: TraceSide)
    /// There is work in the ring, and the backend does not take it: it was told, or has not asked to be.
    case backendAsleep
    /// As many requests are published and unanswered as the ring holds.
    case ringFull
    /// Frames wait for the guest, and it offers fewer requests than the first of them needs.
    case noRxBuffers
  }

  /// Something that the trace says, and from which the cause follows.
  public struct Proof: Hashable, Sendable {
    /// Where it stands.
    public var place: TracePlace
    /// What it says.
    public var fact: Fact

    init(_ place: TracePlace, _ fact: Fact) {
      self.place = place
      self.fact = fact
    }
  }

  /// What an event says. An index is named as in C.
  public enum Fact: Hashable, Sendable {
    /// `req_prod`.
    case requestProducer(RingIndex)
    /// `req_cons`.
    case requestConsumer(RingIndex)
    /// `rsp_prod`.
    case responseProducer(RingIndex)
    /// `req_event`.
    case requestEvent(RingIndex)
    /// `rsp_event`.
    case responseEvent(RingIndex)
    /// The frontend told the backend.
    case backendTold
    /// A frame waits for the guest, and needs so many requests.
    case frameWaits(needed: UInt32)
    /// So many frames had waited too long by then.
    case framesExpired(UInt32)
    /// From here on so many frames were refused.
    case framesRefused(UInt32)
  }

  /// How it ended.
  public enum Ending: Hashable, Sendable {
    /// The ring moved again.
    case moved
    /// The trace ends.
    case traceEnded
    /// Events are missing from there on.
    case eventsLost
    /// The rings were let go of, or the guest was cut off.
    case ringGone
  }

  /// Why.
  public var cause: Cause
  /// The guest.
  public var domain: DomainID
  /// The device number.
  public var handle: VifHandle
  /// The queue; 0 for the control ring.
  public var queue: UInt16
  /// The ring.
  public var ring: TraceRing
  /// Since when.
  public var begin: TracePlace
  /// Until when, at least.
  public var end: TracePlace
  /// How it ended.
  public var ending: Ending
  /// The events that prove it, in their order.
  public var proofs: [Proof]
  /// What of it the trace does not tell.
  public var untold: [Untold]
  /// Whether Linux takes the carrier away: frames have waited for a minute, and the guest has
  /// `feature-rx-notify`.
  public var takesCarrier = false

  /// How long it lasted, at least.
  public var nanoseconds: UInt64 { end.elapsed - min(begin.elapsed, end.elapsed) }
}

/// What a trace may not tell, for lack of events that say it.
public enum Untold: String, Hashable, Sendable, CaseIterable {
  /// Whether the frontend sent the events that it had to send.
  case frontendNotifications = "frontend-notifications"
  /// Whether the backend sent the events that it had to send.
  case backendNotifications = "backend-notifications"
  /// Which request the backend asked to be told of, since it was last seen.
  case requestEvents = "request-events"
  /// Which answer the frontend asked to be told of, since it was last seen.
  case responseEvents = "response-events"
  /// What the guest has published and the backend has not looked for.
  case laterRequests = "later-requests"
  /// Which frames wait for the guest.
  case waitingFrames = "waiting-frames"
  /// What happened where events are missing.
  case lostEvents = "lost-events"
}

/// What was found in a trace.
public struct StallReport: Hashable, Sendable {
  /// Stalls, in the order in which they began.
  public var stalls: [Stall] = []
  /// Stalls that were found beyond those: more than are kept.
  public var omitted: UInt64 = 0
  /// What no stall of this trace could be told by.
  public var untold: [Untold] = []
}
