import Testing

/// A rule of the control ring or of RX, the cases that stand for it, and the statuses that Linux
/// answers them with.
struct AnsweredRule: CustomTestStringConvertible {
  var rule: String
  var statuses: [Int]
  var cases: [String]

  init(_ rule: String, _ statuses: [Int], _ cases: [String]) {
    self.rule = rule
    self.statuses = statuses
    self.cases = cases
  }

  var testDescription: String { rule }
}
