import TraceFormat
import XenInterface

/// The account of a replay, which all vifs share. What is counted with every event stands apart, so
/// that counting is no more than that.
final class ReplayLedger {
  private(set) var recorded: UInt64 = 0
  var replayed: UInt64 = 0
  var compared = ComparedTally()
  var memory = MemoryTally()
  var orderJudged: UInt64 = 0
  var orderFollowed: UInt64 = 0
  var cut: UInt64 = 0
  private(set) var notReplayed: UInt64 = 0
  /// All else that the report says.
  var rest = ReplayReport()

  /// Differences so far.
  private(set) var diverged: UInt64 = 0

  /// Counts an event of the trace.
  func countRecorded() { recorded += 1 }

  /// Counts an event that a replay has no use for.
  func countNotReplayed() { notReplayed += 1 }

  /// Counts an event that the replay did as well.
  func countMatched() { compared.matched += 1 }

  /// Counts what a vif that is done has asked of Xen.
  func count(of vif: VifReplay) { rest.count(vif.use) }

  func note(gap: ReplayReport.Gap) { rest.gaps.append(gap) }

  func note(_ cutOff: CutOff) { rest.cutOffs.append(cutOff) }

  /// Whether nothing differs of what is judged.
  var isFaithful: Bool { diverged == rest.divergedBefore }

  /// Judges from here on: the differences so far are counted only. Of the gaps those stay at which vifs
  /// have stopped.
  func judgeFromHere(stopped: (UInt16) -> Bool) {
    rest.divergedBefore = diverged
    rest.divergences = []
    rest.firstTurn = nil
    rest.cutOffs = []
    var last: [UInt16: ReplayReport.Gap] = [:]
    for gap in rest.gaps where stopped(gap.vif) { last[gap.vif] = gap }
    rest.gaps = last.values.sorted { $0.vif < $1.vif }
  }

  @inline(never) func note(_ divergence: Divergence, keeping limit: Int) {
    diverged += 1
    if rest.divergences.count < limit { rest.divergences.append(divergence) }
  }

  /// The whole account.
  var report: ReplayReport {
    var report = rest
    report.recorded = recorded
    report.replayed = replayed
    report.matched = compared.matched
    report.diverged = diverged
    report.frames = compared.frames
    report.octets = compared.octets
    report.memoryOctets = memory.octets
    report.independentOctets = memory.independent
    report.orderJudged = orderJudged
    report.orderFollowed = orderFollowed
    report.cut = cut
    report.notReplayed = notReplayed
    return report
  }
}

/// What comparing turns counts. A turn keeps its own, which goes into the account as a whole.
struct ComparedTally {
  var matched: UInt64 = 0
  var frames: UInt64 = 0
  var octets: UInt64 = 0

  static func += (sum: inout Self, other: Self) {
    sum.matched += other.matched
    sum.frames += other.frames
    sum.octets += other.octets
  }
}

/// Octets of guest memory that the trace has, and how many of them a grant copy brought.
struct MemoryTally {
  var octets: UInt64 = 0
  var independent: UInt64 = 0

  static func += (sum: inout Self, other: Self) {
    sum.octets += other.octets
    sum.independent += other.independent
  }

  mutating func count(_ operand: TraceEvent.GrantOperand, isIndependent: Bool) {
    octets += UInt64(operand.captured)
    if isIndependent { independent += UInt64(operand.captured) }
  }
}
