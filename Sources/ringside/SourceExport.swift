internal import ArgumentParser
internal import Fuzzer

/// `ringside show --as`: one scenario, or what the one guest of a trace did, as a source.
struct SourceExport {
  private let form: ShowForm
  private let input: TraceInput
  private let scenario: Scenario
  /// The file that is written; nil for standard output.
  private let file: String?

  /// Reads it.
  init(_ inputs: [TraceInput], as form: ShowForm, to write: String?) throws {
    guard inputs.count == 1 else {
      throw ValidationError("--as \(form.rawValue) takes one trace, there are \(inputs.count)")
    }
    self.form = form
    input = inputs[0]
    scenario = try input.onlyScenario()
    file = write == "-" ? nil : write
  }

  /// Writes it, and tells of what our netback does in it that it must not.
  func run(_ output: OutputOptions) throws(CommandFailure) {
    let source = ScenarioTestSource(
      of: scenario, named: ScenarioSourceName(path: file ?? input.name))
    let finding = source.failure.map { "\($0.failure.finding), at step \($0.failure.step)" }
    if let file {
      try OutputFile.write(Array(source.text.utf8), to: file)
    } else if !output.isJSON {
      print(source.text, terminator: "")
    }
    output.emit(
      SourceRecord(trace: input.name, form: form.rawValue, source: source.text, finding: finding))
    guard let finding, let way = source.failure?.way else { return }
    throw CommandFailure(
      .finding, "\(input.name): \(finding)\(way.words); the test fails until that is mended")
  }
}

extension TraceInput {
  /// The scenario that it is, or the only one that it gives.
  fileprivate func onlyScenario() throws(CommandFailure) -> Scenario {
    var (first, count): (Scenario?, Int) = (nil, 0)
    try forEachScenario { scenario throws(CommandFailure) in
      first = first ?? scenario
      count += 1
    }
    guard let first else {
      throw CommandFailure(.badInput, "\(name): its guests did nothing that a scenario says")
    }
    guard count == 1 else {
      throw CommandFailure(
        .badInput,
        "\(name): gives \(count) scenarios, and a source takes one; ringside show --scenarios writes them"
      )
    }
    return first
  }
}

extension ScenarioWay {
  /// What is to be said of it; nothing where all is copied and let go at once.
  fileprivate var words: String {
    let words = (path == .copy ? [] : ["--path \(path.rawValue)"]) + (holds ? ["--hold"] : [])
    return words.isEmpty ? "" : ", with " + words.joined(separator: " ")
  }
}

/// A source, for programs.
private struct SourceRecord: Encodable {
  var trace: String
  var form: String
  var source: String
  var finding: String?
}
