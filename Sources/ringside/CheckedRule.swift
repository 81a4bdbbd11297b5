internal import Netif
internal import RingCases

/// A rule that `ringside check` knows: its cells, and how they are asked.
enum CheckedRule {
  /// Of the TX ring: put to a queue on bare memory.
  case tx(MatrixRule)
  /// Of the RX ring: put to a vif on the simulation.
  case rx(CellSet<RxCase>)
  /// Of the control ring: the same.
  case control(CellSet<ControlCase>)

  static var all: [CheckedRule] {
    MatrixRule.allCases.map(CheckedRule.tx) + RxCase.cells.map(CheckedRule.rx)
      + ControlCase.cells.map(CheckedRule.control)
  }

  var name: String {
    switch self {
    case .tx(let rule): rule.rawValue
    case .rx(let set): set.rule
    case .control(let set): set.rule
    }
  }

  /// What it says.
  var facts: RuleFacts {
    switch self {
    case .tx(let rule):
      RuleFacts(rule: name, says: rule.says, cells: MatrixCell.all(of: rule).count)
    case .rx(let set): RuleFacts(rule: name, says: set.says, cells: set.cases.count)
    case .control(let set): RuleFacts(rule: name, says: set.says, cells: set.cases.count)
    }
  }

  /// Asks all its cells, in this process.
  func result(by profile: RuleProfile) throws(CaseError) -> RuleResult {
    switch self {
    case .tx(let rule):
      RuleResult(
        MatrixReport(rule, by: profile) { BareQueue.answer(to: $0, by: profile) }, profile)
    case .rx(let set): try RuleResult(set, profile)
    case .control(let set): try RuleResult(set, profile)
    }
  }

  /// Asks a netback of this host; of TX, where cells take long, a sample.
  func result(
    by profile: RuleProfile, on host: HostCheck
  ) throws(CommandFailure) -> RuleResult {
    switch self {
    case .tx(let rule):
      try RuleResult(name, MatrixCell.sample(of: rule), profile, on: host)
    case .rx(let set): try RuleResult(name, set.cases, profile, on: host, by: set.path)
    case .control(let set): try RuleResult(name, set.cases, profile, on: host, by: set.path)
    }
  }

  /// One of its cells; `nil` when it has none of that name.
  func cell(named name: String, by profile: RuleProfile) throws(CaseError) -> CellView? {
    switch self {
    case .tx: MatrixCell(name: name).map { CellView($0, profile) }
    case .rx(let set): try CellView(set, name, profile)
    case .control(let set): try CellView(set, name, profile)
    }
  }

  /// The same, of a netback of this host.
  func cell(
    named name: String, by profile: RuleProfile, on host: HostCheck
  ) throws(CommandFailure) -> CellView? {
    switch self {
    case .tx:
      guard let cell = MatrixCell(name: name) else { return nil }
      return try CellView(cell.asked, profile, on: host)
    case .rx(let set): return try Self.view(set, name, profile, host)
    case .control(let set): return try Self.view(set, name, profile, host)
    }
  }

  private static func view<Asked: RingCase>(
    _ set: CellSet<Asked>, _ name: String, _ profile: RuleProfile, _ host: HostCheck
  ) throws(CommandFailure) -> CellView? where Asked.Answer.Asked == Asked {
    guard let asked = set.cases.first(where: { $0.name == name }), host.has(set.path) else {
      return nil
    }
    return try CellView(asked, profile, on: host, by: set.path)
  }

  /// Whether a cell is its, as far as the name says.
  func mayHave(cell: String) -> Bool { cell.hasPrefix(name + "/") }
}
