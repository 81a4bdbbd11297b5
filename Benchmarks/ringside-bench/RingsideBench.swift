import ArgumentParser

/// Measures beside a C reference, in the same run, on the same events.
@main struct RingsideBench: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "ringside-bench",
    abstract: "Measures Ringside beside C references that do the same work in the same run.",
    subcommands: [TraceBench.self, NetbackBench.self, ThroughputBench.self])
}
