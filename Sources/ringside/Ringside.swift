internal import ArgumentParser

/// The command: it parses, runs a verb, and turns what went wrong into one line and an exit code.
@main
struct Ringside: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "ringside",
    abstract: "Records what crosses a Xen network ring, replays it, and fuzzes backends with it.",
    discussion: """
      Exit codes: 0 all well; 1 a finding, a divergence or a failed rule; 2 an input file is not \
      a trace or corrupt; 3 this machine lacks what it takes; 4 the system refused; 64 usage.
      """,
    version: ToolVersion.sentence,
    subcommands: [
      List.self, Record.self, Replay.self, Show.self, Serve.self, Check.self, Fuzz.self,
      Minimize.self, Explain.self, Bisect.self, Lab.self, Doctor.self, Extcap.self,
    ]
  )

  static func main() {
    do {
      var command = try parseAsRoot()
      try command.run()
      try Console.flush()
    } catch let failure as CommandFailure {
      Console.note("ringside: \(failure.message)")
      exit(withError: ExitCode(failure.status.rawValue))
    } catch {
      exit(withError: error)
    }
  }
}
