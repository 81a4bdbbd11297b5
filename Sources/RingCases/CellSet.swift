public import Netback
public import Netif

/// The cells of a rule of the RX or the control ring: cases around its bound.
public struct CellSet<Asked: RingCase>: Sendable {
  /// The rule's name; those of its cells begin with it.
  public let rule: String
  /// What it says, to people.
  public let says: String
  /// The cells.
  public let cases: [Asked]
  /// How data comes while they are asked.
  public let path: DataPath

  init(_ rule: String, _ says: String, path: DataPath = .copy, _ cases: [Asked]) {
    self.rule = rule
    self.says = says
    self.path = path
    self.cases = cases.map { asked in
      var asked = asked
      asked.name = "\(rule)/\(asked.name)"
      return asked
    }
  }

  /// The names of the cells that our netback, on the simulation, answers otherwise than the model of the
  /// rules.
  ///
  /// - Throws: what a cell could not be played for.
  public func differing(by profile: RuleProfile) throws(CaseError) -> [String] {
    try differing(by: profile) { _ in }
  }

  /// The same, of a netback whose rules are changed first.
  package func differing(
    by profile: RuleProfile, changing change: @escaping (inout VifConfiguration) -> Void
  ) throws(CaseError) -> [String] {
    let answers = try AnswerFile.simulated(
      cases, path: path, profile: profile, changing: change)
    return cases.filter { asked in
      answers.answers(to: asked.name) != [asked.modelled(by: profile)]
    }.map(\.name)
  }
}

extension Array where Element: RingCase {
  /// Each case on indices that start at 0, and on such as pass 2³² at its second slot.
  func withWraps() -> [Element] {
    self + map { $0.wrapping(behind: 1) }
  }
}
