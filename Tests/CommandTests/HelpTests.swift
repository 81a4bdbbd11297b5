internal import Testing

@Suite struct HelpTests {
  @Test func `the help names every verb and the exit codes`() throws {
    let run = try CommandRun("--help")
    #expect(run.code == 0)
    #expect(
      run.output.hasPrefix(
        """
        OVERVIEW: Records what crosses a Xen network ring, replays it, and fuzzes
        backends with it.

        Exit codes: 0 all well; 1 a finding, a divergence or a failed rule; 2 an input
        file is not a trace or corrupt; 3 this machine lacks what it takes; 4 the
        system refused; 64 usage.

        USAGE: ringside <subcommand>
        """))
    for verb in [
      "list", "record", "replay", "show", "serve", "check", "fuzz", "minimize", "explain", "bisect",
      "lab", "doctor",
    ] {
      #expect(run.output.contains("\n  \(verb) "))
    }
  }

  @Test(arguments: [
    "list", "record", "replay", "show", "serve", "check", "fuzz", "minimize", "explain", "bisect",
    "lab", "doctor",
  ])
  func `the help of a verb has an example`(_ verb: String) throws {
    let run = try CommandRun(verb, "--help")
    #expect(run.code == 0)
    #expect(run.output.contains("Example:\n  ringside \(verb)"))
    #expect(run.output.contains("--json"))
  }

  @Test(arguments: [["nonsense"], ["doctor", "--nonsense"], ["doctor", "nonsense"]])
  func `wrong usage ends with 64`(_ arguments: [String]) throws {
    let run = try CommandRun(arguments)
    #expect(run.code == 64)
    #expect(run.output.isEmpty)
    #expect(run.errors.contains("nonsense"))
  }
}
