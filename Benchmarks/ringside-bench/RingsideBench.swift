import ArgumentParser

/// Measures beside a C reference or another way to do the same, in the same run.
@main struct RingsideBench: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "ringside-bench",
    abstract: "Measures Ringside beside C references, and its parts beside each other.",
    subcommands: [
      AllBench.self, TraceBench.self, SizeBench.self, NetbackBench.self, StagedBench.self,
      StagedRateBench.self,
      ThroughputBench.self, WorkersBench.self, MinimizeBench.self,
      ScaleBench.self,
    ])
}
