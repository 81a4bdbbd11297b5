import FaultyTwins
import Fuzzer

extension BenchGroup {
  /// Scenarios of a thousand steps whose last one fails, made 1-minimal; processor time.
  static let minimize = BenchGroup("minimize") { scale in
    FaultyTwin.all.filter { scale.isQuick ? quick.contains($0.name) : full.contains($0.name) }.map {
      twin in
      Contest(twin.name, .milliseconds) {
        guard let scenario = LongScenario(twin, steps: 1000).scenario else {
          throw PeerFault.needs("a scenario of a thousand steps")
        }
        return Entrants(
          ours: { ProcessorTime.thread.measure { _ = smallest(scenario, twin) } * 1000 },
          peers: [
            .ready("one by one") {
              ProcessorTime.thread.measure {
                _ = OneByOne.minimize(scenario) { ScenarioPlayer.failure(of: $0, twin.seam) }
              } * 1000
            }
          ])
      }
    }
  }

  private static let quick: Set = ["xsa-270-end"]
  private static let full: Set = ["xsa-270-end", "xsa-392-endless-queue", "xsa-432-wrapped-count"]

  private static func smallest(_ scenario: Scenario, _ twin: FaultyTwin) -> Scenario? {
    let seam = twin.seam
    var minimizer = ScenarioMinimizer(
      scenario, play: { ScenarioEnd(ScenarioPlayer.failure(of: $0, seam)) })
    minimizer?.minimize()
    return minimizer?.scenario
  }
}
