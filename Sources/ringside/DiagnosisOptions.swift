internal import ArgumentParser
internal import Replayer
internal import TraceFormat

/// `ringside show --diagnose`: why rings stood still.
struct DiagnosisOptions: ParsableArguments {
  @Flag(
    name: .customLong("diagnose"),
    help: "Name the rings that stood still, why, and the events that prove it.")
  var isWanted = false

  @Option(
    name: .customLong("stall-after"),
    help:
      "With --diagnose: how long a ring stands still before that is a stall; 1s if not said, and 10s for frames that wait for the guest."
  )
  var limit: TimeSpan?

  func validate() throws {
    guard let limit else { return }
    guard isWanted else { throw ValidationError("--stall-after goes with --diagnose") }
    guard limit.nanoseconds > 0 else {
      throw ValidationError("--stall-after takes more than 0s: every ring rests at times")
    }
  }

  /// Diagnoses traces, one after the other.
  func diagnose(_ inputs: [TraceInput], _ output: OutputOptions) throws(CommandFailure) {
    var stalls: UInt64 = 0
    for input in inputs { stalls += try diagnose(input, output) }
    guard stalls > 0 else { return }
    let place = inputs.count == 1 ? inputs[0].name : "\(inputs.count) traces"
    throw CommandFailure(.finding, "\(place): \(DiagnosisReport.count(stalls))")
  }

  /// - Returns: how many stalls it has.
  private func diagnose(
    _ input: TraceInput, _ output: OutputOptions
  ) throws(CommandFailure) -> UInt64 {
    var diagnosis: StallDiagnosis?
    let ending = try input.read { header throws(CommandFailure) in
      let limits = limit.map { StallLimits(all: $0.nanoseconds) }
      diagnosis = StallDiagnosis(header, limits: limits ?? StallLimits())
    } event: { event, payload throws(CommandFailure) in
      diagnosis?.take(event, payload: payload)
      return true
    }
    guard let found = diagnosis?.finish() else { throw input.failure(.notATrace) }
    let report = DiagnosisReport(input.name, found, isTruncated: ending.isTruncated)
    report.lines.forEach(output.tell)
    for stall in found.stalls { output.emit(StallRecord(input.name, stall)) }
    output.emit(report)
    if ending.isTruncated { Console.note("ringside: \(input.truncation)") }
    return report.stalls
  }
}
