internal import ArgumentParser

/// `ringside doctor`: what this machine has, and what will work on it.
struct Doctor: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Says what this machine has, and what will work on it.",
    discussion: """
      Example:
        ringside doctor
      """
  )

  @OptionGroup var output: OutputOptions

  /// What a use of Ringside takes, and what of it is not there.
  struct Outlook: Encodable {
    var command: String
    var works: Bool
    var missing: [String]
  }

  func run() throws {
    var facts = MachineFacts()
    var table = TextTable(heading: ["what", "state", "for"])
    for fact in facts.all {
      table.add([fact.name, (fact.isUsable ? "yes: " : "no: ") + fact.detail, fact.purpose])
      output.emit(fact)
    }
    table.lines.forEach(output.tell)
    output.tell("")
    for outlook in Self.outlooks(&facts) {
      let verdict = outlook.works ? "works" : "no: \(outlook.missing.joined(separator: ", "))"
      output.tell("\(outlook.command): \(verdict)")
      output.emit(outlook)
    }
  }

  static func outlooks(_ facts: inout MachineFacts) -> [Outlook] {
    return [
      outlook("ringside record --simulate", takes: []),
      outlook("ringside replay --on sim", takes: []),
      outlook("ringside record --vif", takes: facts.kernelTap + [facts.attachment]),
      outlook("ringside replay --on xen", takes: facts.grantDevices),
      outlook("ringside serve", takes: facts.grantDevices),
      outlook("ringside list", takes: [facts.backendBus]),
      outlook("ringside lab", takes: facts.lab),
    ]
  }

  private static func outlook(_ command: String, takes facts: [MachineFacts.Fact]) -> Outlook {
    let missing = facts.filter { !$0.isUsable }.map(\.name)
    return Outlook(command: command, works: missing.isEmpty, missing: missing)
  }
}
