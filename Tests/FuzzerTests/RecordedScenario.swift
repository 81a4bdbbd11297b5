import Fuzzer
import Replayer
import SimulatedXen
import TraceFormat

extension Scenario {
  /// The same without lies: of a turn, a trace says once for each page how operations on it ended.
  var withoutLies: Scenario {
    Scenario(vif, steps.filter { if case .lie = $0 { false } else { true } })
  }
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
