import XenInterface

extension ReplayReport {
  /// Adds what another replay came to, as of a further round.
  ///
  /// The first differences are kept, and of what is missing in a trace and who was cut off in it the
  /// last account: that is so in each round.
  public mutating func add(_ other: ReplayReport) {
    if diverged == 0, other.diverged > 0 {
      divergences = other.divergences
      firstTurn = other.firstTurn
      divergentRound = rounds + other.divergentRound
    }
    rounds += other.rounds
    gaps = other.gaps
    cutOffs = other.cutOffs
    isTruncated = isTruncated || other.isTruncated
    for count in Self.counts { self[keyPath: count] += other[keyPath: count] }
    grants += other.grants
    mapped += other.mapped
  }

  /// Takes away what was counted before.
  mutating func subtract(_ earlier: ReplayReport) {
    for count in Self.counts { self[keyPath: count] &-= earlier[keyPath: count] }
    grants -= earlier.grants
    mapped -= earlier.mapped
  }

  private static var counts: [WritableKeyPath<ReplayReport, UInt64>] {
    [
      \.recorded, \.replayed, \.matched, \.diverged, \.frames, \.octets, \.memoryOctets,
      \.independentOctets, \.orderJudged, \.orderFollowed, \.answeredFromBefore, \.notExpressible,
      \.notReplayed, \.cut, \.packets, \.divergedBefore,
      \.unseen, \.ungiven, \.foreign,
    ]
  }
}
