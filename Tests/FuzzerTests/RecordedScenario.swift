import FaultyTwins
import Fuzzer
import Replayer
import SimulatedXen
import TraceFormat

extension ScenarioTarget {
  /// Those whose scenarios are about rings, of which a trace can be made.
  static let rings: [ScenarioTarget] = [.tx, .rx, .control]
}

extension FaultyTwin {
  /// Those whose fault rings show.
  static let ofRings = all.filter { ScenarioTarget.rings.contains($0.target) }
}

/// A scenario as a trace, and that trace replayed into our netback, which has no fault.
struct RecordedScenario {
  let octets: [UInt8]
  let failure: ScenarioFailure?

  init(_ scenario: Scenario, _ seam: ScenarioSeam = ScenarioSeam()) throws {
    let sink = MemorySink()
    failure = try ScenarioRecording(of: scenario, to: sink, seam).failure
    octets = sink.octets
  }

  func replay() throws -> ReplayReport {
    try Replayer(in: ReplayWorld(on: SimulatedMachine(seed: 1))).replay(MemorySource(octets))
  }
}
