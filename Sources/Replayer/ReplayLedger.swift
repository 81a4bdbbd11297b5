import TraceFormat

/// The account of a replay, which all vifs share. What is counted with every event stands apart, so
/// that counting is no more than that.
final class ReplayLedger {
  var recorded: UInt64 = 0
  var replayed: UInt64 = 0
  var matched: UInt64 = 0
  var frames: UInt64 = 0
  var octets: UInt64 = 0
  var memoryOctets: UInt64 = 0
  var independentOctets: UInt64 = 0
  var orderJudged: UInt64 = 0
  var orderFollowed: UInt64 = 0
  var cut: UInt64 = 0
  var notReplayed: UInt64 = 0
  /// All else that the report says.
  var rest = ReplayReport()

  /// Differences so far.
  private(set) var diverged: UInt64 = 0

  func note(_ divergence: Divergence, keeping limit: Int) {
    diverged += 1
    if rest.divergences.count < limit { rest.divergences.append(divergence) }
  }

  /// The whole account.
  var report: ReplayReport {
    var report = rest
    report.recorded = recorded
    report.replayed = replayed
    report.matched = matched
    report.diverged = diverged
    report.frames = frames
    report.octets = octets
    report.memoryOctets = memoryOctets
    report.independentOctets = independentOctets
    report.orderJudged = orderJudged
    report.orderFollowed = orderFollowed
    report.cut = cut
    report.notReplayed = notReplayed
    return report
  }
}
