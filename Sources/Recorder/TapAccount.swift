import KernelTap

/// What became of the records of a kernel tap, counted in three places.
public struct TapAccount: Hashable, Sendable {
  /// Records that the kernel's side made.
  public var made: UInt64
  /// Records that were taken out of its buffer.
  public var taken: UInt64
  /// Records that the kernel's side could not keep: for want of room, or behind such a one.
  public var dropped: UInt64
  /// Records among those taken that came between a loss and the next snapshots.
  public var unplaced: UInt64
  /// Calls that a hook missed because it was running on that processor already. The next hook finds
  /// what they did.
  public var missedCalls: UInt64

  init(_ statistics: TapStatistics, unplaced: UInt64) {
    made = statistics.numbered
    taken = statistics.taken
    dropped = statistics.lost
    self.unplaced = unplaced
    missedCalls = statistics.missedCalls
  }
}
