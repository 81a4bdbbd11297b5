internal import ArgumentParser
internal import FoundationEssentials
internal import Fuzzer
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

      On a Xen, as root: --on xen puts the same to this netback on real grants, --on kernel to Linux's, with this \
      domain as the guest. There, of the cells of TX, a sample is asked. A cell is stricter where Ringside refuses \
      on purpose what Linux does.

      With --on vif any backend is asked, about the TX ring, in the order of slots: its own order counts as well as \
      Linux's. A guest cannot make a vif anew, so with --vif no cell is asked that cuts the guest off.

      A folder of scenarios, such as Corpus/advisories, is checked like a rule: each of its folders has a \
      case.scenario and may have an outcome.txt, as ringside explain tells it.

      Example:
        ringside check
        ringside check tx/page-crossing --profile netif
        ringside check tx/page-crossing/at/slot-1-of-3/extras-0
        ringside check Corpus/advisories --path map
        ringside check --on kernel
        ringside check --on vif --vif vif5.0
        ringside check --list
      """
  )

  @Argument(
    help: "A rule, one of its cells, or a folder of scenarios; all rules when it is left out.")
  var name: String?

  @Option(help: "Ask this netback: sim, xen, kernel, or vif: whichever takes a vif of this domain.")
  var on = CheckBackend.sim

  @Option(help: "Judge by the rules of this profile: linux or netif.")
  var profile = ProfileName.linux

  @Option(
    help: "Let the data of a folder's packets come by this path: \(ScenarioPathName.words).")
  var path = ScenarioPathName.copy

  @OptionGroup var live: LiveVifOptions

  @Flag(help: "Say which rules there are.")
  var list = false

  @OptionGroup var output: OutputOptions

  func validate() throws {
    try live.check(isMeant: on == .vif)
    guard on != .kernel || profile == .linux else {
      throw ValidationError("--on kernel goes with --profile linux: Linux's netback has no other.")
    }
  }

  func run() throws {
    let all = CheckedRule.all
    let rules = all.filter { name == nil || $0.name == name }
    guard path.path == .copy || on == .sim && rules.isEmpty else {
      throw ValidationError("--path goes with a folder of scenarios that is played here.")
    }
    if !rules.isEmpty, list { return rules.forEach(describe) }
    let host = try on.host(profile.profile, live)
    if !rules.isEmpty { return try check(rules, host) }
    guard let name else { return }
    if let folder = try ScenarioFolder(name) { return try check(folder, host) }
    guard let cell = try cell(name, of: all, host) else {
      throw ValidationError(
        "There is no rule, cell or folder \"\(name)\"; ringside check --list says which rules there are."
      )
    }
    try show(cell)
  }

  private func describe(_ rule: CheckedRule) {
    let facts = rule.facts
    output.tell("\(facts.rule): \(facts.says) (\(facts.cells) cells)")
    output.emit(facts)
  }

  private func check(_ rules: [CheckedRule], _ host: HostCheck?) throws {
    try tell(rules, host) { rule throws(CommandFailure) in
      if let host { return try rule.result(by: profile.profile, on: host) }
      return try asking { () throws(CaseError) in try rule.result(by: profile.profile) }
    }
  }

  private func check(_ folder: ScenarioFolder, _ host: HostCheck?) throws {
    try tell(folder.scenarios, host) { scenario throws(CommandFailure) in
      try scenario.result(by: path.path, on: host)
    }
  }

  /// Tells the results of rules or scenarios as they come, and what they are together.
  private func tell<Checked>(
    _ all: [Checked], _ host: HostCheck?,
    _ check: (Checked) throws(CommandFailure) -> RuleResult
  ) throws {
    var table = TextTable(
      heading: ["rule", "cells", "agree"]
        + (host == nil ? ["delivered", "refused", "cut off"] : ["stricter"]))
    var (cells, agreed, stricter, leftOut, differing) = (0, 0, 0, 0, [String]())
    for checked in all {
      let result = try check(checked)
      table.add([result.rule] + result.counts(host != nil).map { $0.map(String.init) ?? "-" })
      output.emit(result)
      cells += result.cells
      agreed += result.agreed
      stricter += result.stricter ?? 0
      leftOut += result.leftOut ?? 0
      differing += result.differing
    }
    table.lines.forEach(output.tell)
    var aside = stricter > 0 ? ", of \(stricter) ours is stricter" : ""
    if leftOut > 0 { aside += ", \(leftOut) were not asked" }
    output.tell("\(agreed) of \(cells) cells agree\(aside), profile \(profile.rawValue)")
    guard let first = differing.first else { return }
    throw CommandFailure(
      .finding, "\(differing.count) cells differ; see one with \(command(for: first))")
  }

  private func command(for cell: String) -> String {
    FileManager.default.fileExists(atPath: cell)
      ? (["ringside explain"] + path.words + [cell]).joined(separator: " ")
      : "ringside check \(cell)\(on == .sim ? "" : " --on \(on)\(live.words)")"
  }

  private func cell(
    _ name: String, of rules: [CheckedRule], _ host: HostCheck?
  ) throws -> CellView? {
    guard let rule = rules.first(where: { $0.mayHave(cell: name) }) else { return nil }
    if let host { return try rule.cell(named: name, by: profile.profile, on: host) }
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
