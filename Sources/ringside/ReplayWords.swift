internal import Netif
internal import Netback
internal import Replayer
internal import TraceFormat
internal import XenInterface
internal import XenRing

/// What the two sides of a replay are called.
struct ReplaySides {
  var recorded = "recorded"
  var replayed = "replayed"
}

extension ReplayReport {
  /// The four counts that every replay ends with.
  var counts: String {
    "recorded \(recorded), replayed \(replayed), matched \(matched), diverged \(diverged)"
  }

  /// The verdict as people read it.
  func lines(_ name: String, _ sides: ReplaySides = ReplaySides()) -> [String] {
    let share = Int((independentShare * 100).rounded())
    var lines = [
      "\(name): \(isFaithful ? "the same" : "DIVERGED")",
      "  \(counts)",
      "  frames       \(frames), \(octets) octets compared; \(share) % of guest memory independent of them",
      "  order        \(orderJudged) answers judged, \(orderFollowed) followed from the trace",
    ]
    if grants.copyCalls + grants.mapCalls > 0 { lines.append("  grants       \(grants.words)") }
    let left = [
      (cut, "cut"), (notReplayed, "not replayed"), (notExpressible, "not expressible here"),
      (unseen, "frames unseen"), (ungiven, "frames not given"), (foreign, "frames from elsewhere"),
    ]
    .filter { $0.0 > 0 }.map { "\($0.0) \($0.1)" }
    if !left.isEmpty { lines.append("  not judged   \(left.joined(separator: ", "))") }
    lines += cutOffs.map { "  disabled: \($0.words)" }
    lines += orderLines
    lines += gaps.map { gap in
      "  gap          vif \(gap.vif), event \(gap.number): \(gap.lost) events are missing"
    }
    if let first = divergences.first { lines += first.lines(in: firstTurn, sides) }
    return lines
  }

  /// What was asked of the replay beside the trace: from where on, how often, how fast.
  private var orderLines: [String] {
    let place = isFaithful ? "" : "; the first divergence is of round \(divergentRound)"
    let differences = "\(divergedBefore) differences, which are not judged; others may come of them"
    let lines = [
      divergedBefore > 0 ? "  before it    \(differences)" : nil,
      rounds > 1 ? "  rounds       \(rounds)\(place)" : nil,
      lateness.map { "  lateness     \($0.words)" },
    ]
    return lines.compactMap(\.self)
  }
}

extension CutOff {
  /// The rule, the slot that broke it, and where.
  fileprivate var words: String {
    let slot = slot.map { ", slot \($0.rawValue)" } ?? ""
    return "\(TxViolation.name(ofCode: rule))\(slot) of vif \(vif), queue \(queue)"
  }
}

extension GrantUse {
  /// As people read it.
  fileprivate var words: String {
    let copied = "\(copies) copies in \(copyCalls) calls, \(copiedOctets) octets"
    guard mapCalls > 0 else { return copied }
    return copied + "; \(maps) pages mapped in \(mapCalls) calls, unmapped in \(unmapCalls)"
  }
}

extension Divergence {
  /// What was recorded and what the replay did, and what stood around it.
  func lines(in turn: DivergentTurn?, _ sides: ReplaySides) -> [String] {
    let place = "event \(number), vif \(vif), queue \(queue)"
    return ["  divergence   \(place): \(kind.words)"]
      + Self.part(of: turn?.recorded ?? [], around: recorded, title: sides.recorded)
      + Self.part(of: turn?.replayed ?? [], around: replayed, title: sides.replayed)
  }

  /// The event, marked, between those right before and after it.
  private static func part(
    of turn: [TraceEvent], around event: TraceEvent?, title: String
  ) -> [String] {
    guard let event else { return ["  \(title): nothing"] }
    guard let place = turn.firstIndex(of: event) else {
      return ["  \(title):"] + EventLines.of([event]).map { "  > " + $0 }
    }
    let lines = EventLines.of(turn)
    let shown = max(place - 6, 0)..<min(place + 4, lines.count)
    return ["  \(title), \(turn.count) events in this turn:"]
      + shown.map { ($0 == place ? "  > " : "    ") + lines[$0] }
  }
}

extension Divergence.Kind {
  var words: String {
    switch self {
    case .differs: "a field differs"
    case .missing: "the replay did not do this"
    case .unexpected: "only the replay did this"
    case .octets(let place): "the octets differ from octet \(place) on"
    case .content: "the octets differ"
    case .page(let place): "the guest's page differs from octet \(place) on"
    case .unknownQueue: "there is no such vif or queue"
    }
  }
}

/// A replay's verdict for programs.
struct ReplaySummary: Encodable {
  var file: String
  /// The way data came to the Swift netback; `nil` where another one was asked.
  var path: String?
  var recorded, replayed, matched, diverged, frames, octets, cut, lost, packets, unseen, ungiven,
    foreign: UInt64
  var grants: GrantUse
  var mapped: MappedUse
  var independentShare: Double
  var firstDivergence: [String]
  var isTruncated: Bool
  var rounds, divergedBefore: UInt64
  var lateness: LatenessSummary?

  var disabled: [Disabled]

  /// A guest that was cut off.
  struct Disabled: Encodable {
    var rule: String
    var slot: UInt32?
    var vif, queue: UInt16
  }

  enum CodingKeys: String, CodingKey {
    case file, path, recorded, replayed, matched, diverged, frames, octets, cut, lost, packets,
      grants, mapped, disabled, unseen, ungiven, foreign, rounds, lateness
    case divergedBefore = "diverged_before"
    case independentShare = "independent_share"
    case firstDivergence = "first_divergence"
    case isTruncated = "truncated"
  }

  init(
    _ file: String, _ report: ReplayReport, by path: DataPath?, _ sides: ReplaySides = ReplaySides()
  ) {
    self.file = file
    self.path = path?.rawValue
    recorded = report.recorded
    replayed = report.replayed
    matched = report.matched
    diverged = report.diverged
    frames = report.frames
    octets = report.octets
    cut = report.cut
    packets = report.packets
    unseen = report.unseen
    ungiven = report.ungiven
    foreign = report.foreign
    grants = report.grants
    mapped = report.mapped
    lost = report.gaps.reduce(0) { $0 + $1.lost }
    independentShare = report.independentShare
    firstDivergence = report.divergences.first?.lines(in: report.firstTurn, sides) ?? []
    isTruncated = report.isTruncated
    rounds = report.rounds
    divergedBefore = report.divergedBefore
    lateness = report.lateness.map(LatenessSummary.init)
    disabled = report.cutOffs.map {
      Disabled(
        rule: TxViolation.name(ofCode: $0.rule), slot: $0.slot?.rawValue, vif: $0.vif,
        queue: $0.queue)
    }
  }
}
