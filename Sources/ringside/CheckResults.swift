internal import RingCases

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
  var delivered: Int
  var refused: Int
  var cutOff: Int
  var differing: [String]

  init(_ report: MatrixReport, _ profile: ProfileName) {
    rule = report.rule.rawValue
    self.profile = profile.rawValue
    cells = report.cells
    agreed = report.agreed
    delivered = report.delivered
    refused = report.refused
    cutOff = report.cutOff
    differing = report.differences.map(\.cell.name)
  }
}

/// What became of one cell, for programs.
struct CellResult: Encodable {
  var cell: String
  var profile: String
  var wanted: String
  var got: String
  var agrees: Bool
}
