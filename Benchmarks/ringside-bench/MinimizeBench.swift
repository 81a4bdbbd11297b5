import ArgumentParser
import FaultyTwins
import Fuzzer

/// How long it takes to make a long failing scenario small, for each faulty twin of the netback.
struct MinimizeBench: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "minimize",
    abstract:
      "Makes scenarios of a thousand steps, whose last packet fails, 1-minimal; and leaves out step by step.",
    discussion: "Example: ringside-bench minimize --steps 1000 --rounds 3")

  @Option(help: "Steps of each scenario.") var steps = 1000
  @Option(help: "Rounds, of which the median counts.") var rounds = 3
  @Option(help: "The twin; all by default.") var twin: String?

  func run() throws {
    print(
      "\(pad("twin", 26)) \(pad("steps", 12)) \(pad("ours, ms", 18)) one by one, ms (plays of each)"
    )
    for twin in FaultyTwin.all where isMeant(twin) {
      guard let scenario = LongScenario(twin, steps: steps).scenario else {
        print("\(pad(twin.name, 26)) none of so many steps")
        continue
      }
      try measure(twin, scenario)
    }
  }

  private func isMeant(_ twin: FaultyTwin) -> Bool {
    guard let name = self.twin else { return [.tx, .rx, .control].contains(twin.target) }
    return name == twin.name
  }

  private func measure(_ twin: FaultyTwin, _ scenario: Scenario) throws {
    let seam = twin.seam
    var (small, left, plays) = (scenario, scenario, (ours: 0, naive: 0))
    let times = Rounds(rounds) {
      guard
        var minimizer = ScenarioMinimizer(
          scenario, play: { ScenarioEnd(ScenarioPlayer.failure(of: $0, seam)) })
      else { return }
      minimizer.minimize()
      (small, plays.ours) = (minimizer.scenario, minimizer.runs)
    } reference: {
      (left, plays.naive) = OneByOne.minimize(scenario) { ScenarioPlayer.failure(of: $0, seam) }
    }
    let (ours, naive) = (Rounds.median(times.ours) * 1000, Rounds.median(times.reference) * 1000)
    print(
      pad(twin.name, 26), pad("\(scenario.steps.count) to \(small.steps.count)", 12),
      pad("\(fixed(ours)) (\(plays.ours))", 18),
      "\(fixed(naive)) (\(plays.naive)), to \(left.steps.count)")
  }
}

/// Leaves out one step at a time, from the last to the first, until none can be left out: what anybody would
/// write first. It plays the prefix up to the failing step, and leaves numbers alone.
enum OneByOne {
  static func minimize(
    _ scenario: Scenario, _ play: (Scenario) -> ScenarioFailure?
  ) -> (Scenario, plays: Int) {
    guard let first = play(scenario) else { return (scenario, 1) }
    var (smallest, plays, helped) = (scenario, 1, true)
    smallest.steps = Array(scenario.steps.prefix(first.step + 1))
    while helped {
      helped = false
      for place in smallest.steps.indices.reversed() {
        var fewer = smallest
        fewer.steps.remove(at: place)
        plays += 1
        guard play(fewer)?.finding.signature == first.finding.signature else { continue }
        (smallest, helped) = (fewer, true)
      }
    }
    return (smallest, plays)
  }
}

/// A scenario of many steps, the last of which fails: honest work of what the generator makes, as long as the twin
/// gets by, and behind it one that it fails.
struct LongScenario {
  private(set) var scenario: Scenario?

  init(_ twin: FaultyTwin, steps wanted: Int) {
    var long = Scenario()
    for number in 0..<20_000 as Range<UInt64> where scenario == nil {
      var mutator = ScenarioMutator(twin.target, seed: 9 << 32 | number)
      var piece = mutator.fresh()
      piece.vif = long.vif
      let isLast = long.steps.count >= wanted
      if !isLast, twin.target != .rx { piece.steps.removeAll { !Self.isHonest($0) } }
      // A packet alone says quickly whether the long one is worth playing; a queue must be filled.
      guard twin.target == .rx || (ScenarioPlayer.failure(of: piece, twin.seam) != nil) == isLast
      else { continue }
      piece.steps = long.steps + piece.steps
      let failure = ScenarioPlayer.failure(of: piece, twin.seam)
      if let failure, isLast {
        piece.steps = Array(piece.steps.prefix(failure.step + 1))
        scenario = piece
      } else if failure == nil, !isLast, !Self.isCutOff(piece) {
        // A guest that is cut off does nothing any more.
        long = piece
      }
    }
  }

  /// Whether what comes behind a step has the same world before it.
  private static func isHonest(_ step: ScenarioStep) -> Bool {
    switch step {
    case .publish(_, let beyond, _): beyond == 0
    case .rate, .grant, .refuse, .lie, .flip, .raw: false
    default: true
    }
  }

  private static func isCutOff(_ scenario: Scenario) -> Bool {
    ScenarioStory(of: scenario).lines.contains { $0.hasPrefix("    guest cut off") }
  }
}
