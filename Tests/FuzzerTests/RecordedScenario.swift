import Fuzzer
import Replayer
import SimulatedXen
import TraceFormat

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
