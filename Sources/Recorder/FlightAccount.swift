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
  /// Octets of memory in use, as of the last look at the clock.
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
