/// What a recording has come to so far.
public struct RecordingProgress: Hashable, Sendable {
  /// Events written.
  public var events: UInt64 = 0
  /// Frames from the guest.
  public var fromGuest: UInt64 = 0
  /// Frames to the guest.
  public var toGuest: UInt64 = 0
  /// Octets of all files; those of the open block are not yet counted.
  public var octets: UInt64 = 0
  /// Events that were lost and stand as gaps.
  public var lost: UInt64 = 0
  /// Nanoseconds since the first event or the first look at the clock.
  public var nanoseconds: UInt64 = 0

  /// Frames of both directions.
  public var packets: UInt64 { fromGuest + toGuest }

  /// Nothing yet.
  public init() {}

  /// Makes it half of what bounds look at.
  mutating func halve() {
    octets /= 2
    fromGuest /= 2
    nanoseconds /= 2
  }
}

/// What a recording came to.
public struct RecorderReport: Hashable, Sendable {
  /// Totals.
  public var totals: RecordingProgress
  /// Request slots, response slots and grant operations.
  public var ringEvents: UInt64
  /// Octets of all files that hold payload.
  public var payloadOctets: UInt64
  /// Files made.
  public var files: Int
  /// Why it ended; `nil` when it was told to.
  public var reason: StopReason?
  /// What the tap of a kernel's netback counted; `nil` for a recording of the Swift netback.
  public var tap: TapAccount?

  /// Octets without payload per ring event; 0 when there is none.
  public var octetsPerRingEvent: Double {
    ringEvents == 0 ? 0 : Double(totals.octets - payloadOctets) / Double(ringEvents)
  }
}
