internal import ArgumentParser
internal import RingCases

/// `ringside check`: the rules of the rings, one by one, against the Swift netback.
struct Check: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Checks the rules of the rings, each from below, at and above its bound.",
    discussion: """
      Each rule is a set of cells: packets, frames or messages that stand below, at or above its bound. \
      What must come of a cell is said by a model of the rules, which answers as Linux does.

      Of a cell, what was wanted and what came is shown as Corpus/kernel-answers has it. Of TX: D where the \
      guest was cut off, the answers (3-9k: slots 3 to 9 OKAY, e ERROR, +1 a NULL behind it), the \
      frames (length and CRC-32).

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

  func run() throws {
    let all = CheckedRule.all
    let rules = all.filter { name == nil || $0.name == name }
    if !rules.isEmpty { return list ? rules.forEach(describe) : try check(rules) }
    guard let name, let cell = try cell(name, of: all) else {
      throw ValidationError(
        "There is no rule or cell \"\(name ?? "")\"; ringside check --list says which rules there are."
      )
    }
    try show(cell)
  }

  private func describe(_ rule: CheckedRule) {
    let facts = rule.facts
    output.tell("\(facts.rule): \(facts.says) (\(facts.cells) cells)")
    output.emit(facts)
  }

  private func check(_ rules: [CheckedRule]) throws {
    var table = TextTable(heading: ["rule", "cells", "agree", "delivered", "refused", "cut off"])
    var (cells, differing) = (0, [String]())
    for rule in rules {
      let result = try asking { () throws(CaseError) in try rule.result(by: profile.profile) }
      let counts = [result.cells, result.agreed, result.delivered, result.refused, result.cutOff]
      table.add([rule.name] + counts.map { $0.map(String.init) ?? "-" })
      output.emit(result)
      cells += result.cells
      differing += result.differing
    }
    table.lines.forEach(output.tell)
    output.tell("\(cells - differing.count) of \(cells) cells agree, profile \(profile.rawValue)")
    guard let first = differing.first else { return }
    throw CommandFailure(
      .finding, "\(differing.count) cells differ; see one with ringside check \(first)")
  }

  private func cell(_ name: String, of rules: [CheckedRule]) throws -> CellView? {
    guard let rule = rules.first(where: { $0.mayHave(cell: name) }) else { return nil }
    return try asking { () throws(CaseError) in try rule.cell(named: name, by: profile.profile) }
  }

  private func show(_ cell: CellView) throws {
    output.tell("\(cell.cell), profile \(profile.rawValue)")
    cell.slots.forEach(output.tell)
    output.tell("wanted  \(cell.wanted)")
    output.tell("got     \(cell.got)")
    output.emit(cell)
    guard !cell.agrees else { return }
    throw CommandFailure(.finding, "the netback answers \(cell.cell) otherwise")
  }

  /// A cell that cannot be played at all is a finding, too.
  private func asking<Result>(
    _ body: () throws(CaseError) -> Result
  ) throws(CommandFailure) -> Result {
    do throws(CaseError) { return try body() } catch {
      throw CommandFailure(.finding, "a cell could not be played to its end: \(error)")
    }
  }
}
