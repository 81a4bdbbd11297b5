internal import Netback
internal import Netif
internal import RingCases
internal import TraceFormat
internal import XenInterface
internal import XenRing

/// A rule, for programs.
struct RuleFacts: Encodable {
  var rule: String
  var says: String
  var cells: Int
}

/// What became of a rule's cells, for programs.
struct RuleResult: Encodable {
  var rule: String
  var profile: String
  var cells: Int
  var agreed: Int
  /// What the model says of the cells, where that is counted.
  var delivered: Int?
  var refused: Int?
  var cutOff: Int?
  /// Cells that ours refuses on purpose, and Linux's netback does not.
  var stricter: Int?
  /// Cells that a vif which others have made cannot be asked.
  var leftOut: Int?
  var differing: [String]

  init(_ report: MatrixReport, _ profile: RuleProfile) {
    rule = report.rule.rawValue
    self.profile = "\(profile)"
    cells = report.cells
    agreed = report.agreed
    delivered = report.delivered
    refused = report.refused
    cutOff = report.cutOff
    differing = report.differences.map(\.cell.name)
  }

  init<Asked: RingCase>(_ set: CellSet<Asked>, _ profile: RuleProfile) throws(CaseError) {
    rule = set.rule
    self.profile = "\(profile)"
    differing = try set.differing(by: profile)
    cells = set.cases.count
    agreed = cells - differing.count
  }

  /// What a netback of this host answered.
  init<Asked: RingCase>(
    _ rule: String, _ cases: [Asked], _ profile: RuleProfile, on host: HostCheck,
    by path: DataPath = .copy
  ) throws(CommandFailure) where Asked.Answer.Asked == Asked {
    let cases = host.has(path) && host.asks(Asked.self) ? cases : []
    let answers = try host.answers(to: cases, by: path)
    self.init(
      rule: rule, profile: "\(profile)", cells: cases.count - answers.leftOut,
      agreed: answers.agreed, stricter: answers.stricter, leftOut: answers.leftOut,
      differing: answers.differing.map(\.asked.name))
  }

  init(
    rule: String, profile: String, cells: Int, agreed: Int, stricter: Int? = nil,
    leftOut: Int? = nil, differing: [String]
  ) {
    self.rule = rule
    self.profile = profile
    self.cells = cells
    self.agreed = agreed
    self.stricter = stricter
    self.leftOut = leftOut
    self.differing = differing
  }

  /// The numbers of a line, behind the rule.
  func counts(_ isOfHost: Bool) -> [Int?] {
    isOfHost ? [cells, agreed, stricter] : [cells, agreed, delivered, refused, cutOff]
  }
}

/// One cell: what is asked, what must come of it, what came.
struct CellView: Encodable {
  var cell: String
  var profile: String
  var wanted: String
  var got: String
  var agrees: Bool { wanted == got }
  /// The slots of a TX cell, as lines of the text form.
  private(set) var slots: [String] = []

  private enum CodingKeys: CodingKey { case cell, profile, wanted, got }

  init(_ cell: MatrixCell, _ profile: RuleProfile) {
    let asked = cell.asked
    self.init(asked, profile, got: BareQueue.answer(to: asked, by: profile).line)
    slots = EventLines.of(asked.events)
  }

  private init(_ asked: some RingCase, _ profile: RuleProfile, got: String) {
    cell = asked.name
    self.profile = "\(profile)"
    wanted = asked.modelled(by: profile).line
    self.got = got
  }

  /// What a netback of this host answered; as wanted where no difference counts.
  init<Asked: RingCase>(
    _ asked: Asked, _ profile: RuleProfile, on host: HostCheck, by path: DataPath = .copy
  ) throws(CommandFailure) where Asked.Answer.Asked == Asked {
    let differing = try host.answers(to: [asked], by: path).differing.first
    let wanted = asked.modelled(by: profile).line
    self.init(asked, profile, got: differing.map { $0.got?.line ?? "-" } ?? wanted)
  }

  init?<Asked: RingCase>(
    _ set: CellSet<Asked>, _ name: String, _ profile: RuleProfile
  ) throws(CaseError) where Asked.Answer.Asked == Asked {
    guard let asked = set.cases.first(where: { $0.name == name }) else { return nil }
    let answers = try AnswerFile.simulated([asked], path: set.path, profile: profile)
    self.init(asked, profile, got: answers.answers(to: name).first?.line ?? "-")
  }
}

extension TxCase {
  /// The slots as they stand in the ring.
  fileprivate var events: [TraceEvent] {
    var index = start ?? RingIndex(rawValue: 0)
    return BareQueue.words(of: self).map { words in
      defer { index.advance() }
      return TraceEvent(
        time: MonotonicInstant(nanoseconds: 0), queue: 0, origin: .fetched,
        .slot(ring: .tx, index: index, TraceEvent.Words(words[0], words[1], words[2])))
    }
  }
}
