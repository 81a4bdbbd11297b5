internal import ArgumentParser

/// `ringside list`: the vifs of this host.
struct List: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Lists the vifs of this host, and whether they can be recorded.",
    discussion: """
      Example:
        ringside list
      """
  )

  @OptionGroup var output: OutputOptions

  func run() throws {
    let vifs = try HostVifs.all(MachineFacts())
    guard !vifs.isEmpty else {
      output.tell("no vifs: no guest has a network interface served from here")
      return
    }
    var table = TextTable(heading: ["vif", "queues", "state", "recordable"])
    for vif in vifs {
      table.add([vif.name, "\(vif.queues)", vif.state, vif.reason])
      output.emit(vif)
    }
    table.lines.forEach(output.tell)
  }
}
