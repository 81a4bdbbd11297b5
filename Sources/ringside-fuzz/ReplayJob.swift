internal import CaptureFormat
internal import Fuzzer
internal import PerfettoExport
internal import Redactor
internal import Replayer
internal import RingCases
internal import SimulatedXen
internal import TraceFormat
internal import XenInterface
internal import XenRing

/// Does with an input what the command does with a trace of somebody else's: replays it, alone and in front
/// of a netback behind xenbus, looks for what stood still, and makes all else of it that can be made.
enum ReplayJob {
  static func run(_ input: [UInt8]) {
    let source = MemorySource(input)
    guard (try? TraceReader(source)) != nil else { return }
    _ = try? Replayer(in: ReplayWorld(on: SimulatedMachine(seed: 1))).replay(source)
    _ = try? replayLive(source)
    _ = try? describe(source)
    redact(source)
  }

  private static func replayLive(_ source: MemorySource) throws(LiveReplayError) {
    let machine = SimulatedMachine(seed: 1)
    let backend = SwiftCaseBackend(xen: machine.connect(.control), loop: machine.loop)
    // One guest: a trace of two vifs ends with the second.
    let vif = CaseVif(
      guest: machine.connect(DomainID(rawValue: 5)), toolstack: machine.connect(.control),
      loop: machine.loop, backend: backend,
      patience: CaseVif.Patience(rest: 1_000_000, grace: 100_000, interval: 50_000))
    _ = try LiveReplayer { number throws(LiveReplayError) in
      guard number == 0 else { throw .noSecondVif }
      return vif
    }.replay(source)
  }

  /// All that looks at a trace event by event.
  private static func describe(_ source: MemorySource) throws {
    var reader = try TraceReader(source)
    var diagnosis = StallDiagnosis(reader.header)
    var scenarios = TraceScenarios(reader.header)
    var perfetto = try PerfettoWriter(reader.header, to: MemorySink())
    var capture = try CaptureWriter(reader.header, to: MemorySink())
    while let event = try reader.next() {
      diagnosis.take(event, payload: reader.payload)
      scenarios.take(event, payload: reader.payload)
      try perfetto.append(event, payload: reader.payload)
      try capture.append(event, payload: reader.payload)
    }
    _ = diagnosis.finish()
    scenarios.finish()
    for scenario in scenarios.takeFinished() {
      precondition(Scenario(octets: scenario.octets) == scenario, "a scenario is another as octets")
    }
    _ = try perfetto.finish()
    try capture.finish()
  }

  /// Redacts it in every way at once.
  private static func redact(_ source: MemorySource) {
    let redaction = Redaction(snapLength: 40, headersOnly: true, key: ScrambleKey("fuzz"))
    guard var trace = try? RedactedTrace(source, redaction) else { return }
    while (try? trace.next()) != nil {}
  }
}

/// Traces to start from: what the netback did with a scenario, not compressed, so that a changed octet is a
/// changed field.
enum RecordingSeeds {
  static func trace(_ seed: UInt64) -> [UInt8] {
    let targets = ScenarioTarget.allCases
    var mutator = ScenarioMutator(targets[Int(seed % UInt64(targets.count))], seed: seed)
    let (recorded, plain) = (MemorySink(), MemorySink())
    do {
      _ = try ScenarioRecording(of: mutator.fresh(), to: recorded)
      var reader = try TraceReader(MemorySource(recorded.octets))
      var writer = try TraceWriter(reader.header, to: plain, level: 0)
      while let event = try reader.next() { try writer.append(event, payload: reader.payload) }
      _ = try writer.finish()
    } catch {
      preconditionFailure("a scenario cannot be recorded: \(error)")
    }
    return plain.octets
  }
}
