internal import ArgumentParser
internal import Netif
internal import RingCases
internal import TraceFormat
internal import XenInterface
internal import XenRing

/// `ringside check`: the rules of the ring, one by one, against the Swift netback.
struct Check: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Checks the rules of the TX ring, each from below, at and above its bound.",
    discussion: """
      Each rule is a set of cells: packets of 1 to 24 slots that stand below, at or above its bound, at \
      each position, with and without extra infos and a wrap of the indices. What must come of a cell \
      is said by a model of the rules, which answers as Linux does.

      Example:
        ringside check
        ringside check tx/page-crossing --profile netif
        ringside check tx/page-crossing/at/slot-1-of-3/extras-0
        ringside check --list
      """
  )

  @Argument(help: "A rule, or one of its cells; all rules when it is left out.")
  var name: String?

  @Option(help: "Judge by the rules of this profile: linux or netif.")
  var profile = ProfileName.linux

  @Flag(help: "Say which rules there are.")
  var list = false

  @OptionGroup var output: OutputOptions

  func validate() throws {
    guard let name, rules.isEmpty, MatrixCell(name: name) == nil else { return }
    throw ValidationError(
      "There is no rule or cell \"\(name)\"; ringside check --list says which rules there are.")
  }

  /// The rules that are asked for.
  private var rules: [MatrixRule] {
    MatrixRule.allCases.filter { name == nil || $0.rawValue == name }
  }

  func run() throws {
    if list { return rules.forEach(describe) }
    if let cell = name.flatMap(MatrixCell.init(name:)) { return try show(cell) }
    try check()
  }

  private func describe(_ rule: MatrixRule) {
    let facts = RuleFacts(
      rule: rule.rawValue, says: rule.says, cells: MatrixCell.all(of: rule).count)
    output.tell("\(facts.rule): \(facts.says) (\(facts.cells) cells)")
    output.emit(facts)
  }

  private func check() throws {
    var table = TextTable(heading: ["rule", "cells", "agree", "delivered", "refused", "cut off"])
    var sum = (cells: 0, agreed: 0)
    var findings: [MatrixDifference] = []
    for rule in rules {
      let report = MatrixReport(rule, by: profile.profile, of: netback)
      let counts = [report.cells, report.agreed, report.delivered, report.refused, report.cutOff]
      table.add([rule.rawValue] + counts.map(String.init))
      output.emit(RuleResult(report, profile))
      sum = (sum.cells + report.cells, sum.agreed + report.agreed)
      findings += report.differences.prefix(1)
    }
    table.lines.forEach(output.tell)
    output.tell("\(sum.agreed) of \(sum.cells) cells agree, profile \(profile.rawValue)")
    guard !findings.isEmpty else { return }
    for finding in findings {
      output.tell("\(finding.cell.name): wanted \(finding.wanted), got \(finding.got)")
    }
    throw CommandFailure(
      .finding,
      "\(sum.cells - sum.agreed) cells differ; see one with ringside check \(findings[0].cell.name)"
    )
  }

  private func show(_ cell: MatrixCell) throws {
    let asked = cell.asked
    let wanted = ModelPlayer.answer(to: asked, by: profile.profile)
    let got = netback(asked)
    output.tell("\(cell.name), profile \(profile.rawValue): \(cell.rule.says)")
    EventLines.of(asked.events).forEach(output.tell)
    output.tell("wanted  \(wanted.words)")
    output.tell("got     \(got.words)")
    let differs = got != wanted
    output.emit(
      CellResult(
        cell: cell.name, profile: profile.rawValue, wanted: wanted.line, got: got.line,
        agrees: !differs))
    if differs { throw CommandFailure(.finding, "the netback answers this cell otherwise") }
  }

  private func netback(_ asked: TxCase) -> CaseAnswer {
    BareQueue.answer(to: asked, by: profile.profile)
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

extension CaseAnswer {
  /// The answer in words.
  fileprivate var words: String {
    let frames = frames.map { "\($0.length)" }.joined(separator: ", ")
    return [
      isDisabled ? "cut off" : "connected",
      slots.isEmpty ? "no answers" : slots.map(\.words).joined(separator: ", "),
      frames.isEmpty ? "no frame" : "frames of \(frames) octets",
    ].joined(separator: "; ")
  }
}

extension AnsweredSlot {
  fileprivate var words: String {
    let status =
      switch self.status {
      case .okay: "OKAY"
      case .error: "ERROR"
      default: "\(self.status.rawValue)"
      }
    return "\(id) \(status)" + String(repeating: " NULL", count: Int(nulls))
  }
}
