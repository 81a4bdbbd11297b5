internal import ArgumentParser
internal import Fuzzer

/// `ringside show --as`: one scenario, or what the one guest of a trace did, as a source.
struct SourceExport {
  private let form: SourceForm
  private let input: TraceInput
  /// The file that is written; nil for standard output.
  private let file: String?

  /// - Parameter write: what `-w` names, if it does.
  init(_ inputs: [TraceInput], as form: SourceForm, to write: String?) throws {
    guard inputs.count == 1 else {
      throw ValidationError("--as \(form.rawValue) takes one trace, there are \(inputs.count)")
    }
    self.form = form
    input = inputs[0]
    file = write == "-" ? nil : write
  }

  /// Writes it, and tells of what our netback does in it that it must not.
  func run(_ output: OutputOptions) throws(CommandFailure) {
    let name = ScenarioSourceName(path: file ?? input.name)
    let source = try source(of: input.onlyScenario(), name)
    if let file {
      try OutputFile.write(Array(source.text.utf8), to: file)
    } else if !output.isJSON {
      print(source.text, terminator: "")
    }
    if let remark = source.remark { Console.note("ringside: \(input.name): \(remark)") }
    output.emit(
      SourceRecord(
        trace: input.name, form: form.rawValue, source: source.text, finding: source.finding))
    guard let finding = source.finding else { return }
    throw CommandFailure(.finding, "\(input.name): \(finding)")
  }

  private func source(
    of scenario: Scenario, _ name: ScenarioSourceName
  ) throws(CommandFailure) -> ExportedSource {
    switch form {
    case .swiftTest: return ExportedSource(ScenarioTestSource(of: scenario, named: name))
    case .c:
      do throws(ScenarioProgramError) {
        return ExportedSource(try ScenarioProgramSource(of: scenario, named: name))
      } catch { throw CommandFailure(.badInput, "\(input.name): \(error.words(in: scenario))") }
    }
  }
}

/// A source, and what is to be said of it.
private struct ExportedSource {
  let text: String
  var finding: String?
  var remark: String?

  init(_ test: ScenarioTestSource) {
    text = test.text
    finding = test.failure.map { failure in
      "\(failure.failure.words)\(failure.way.words); the test fails until that is mended"
    }
  }

  init(_ program: ScenarioProgramSource) {
    text = program.text
    finding = program.failure.map { "\($0.words); the program ends there" }
    guard program.leftOut > 0 else { return }
    remark = "\(program.leftOut) steps about other rings are not in it"
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

// MARK: - Words

extension ScenarioFailure {
  fileprivate var words: String { "\(finding), at step \(step)" }
}

extension ScenarioWay {
  /// What is to be said of it; nothing where all is copied and let go at once.
  fileprivate var words: String {
    let words = (path == .copy ? [] : ["--path \(path.rawValue)"]) + (holds ? ["--hold"] : [])
    return words.isEmpty ? "" : ", with " + words.joined(separator: " ")
  }
}

extension ScenarioProgramError {
  fileprivate func words(in scenario: Scenario) -> String {
    switch self {
    case .life: "a life on xenbus is not written in C; --as swift-test takes it"
    case .notTheGuests(let step):
      "step \(step), \(scenario.steps[step]), is not a guest's to do; --as swift-test takes it"
    case .cutOffElsewhere(let step):
      "step \(step), \(scenario.steps[step]), has the guest cut off, and is not of the TX ring"
    case .nothingSent: "nothing is published on the TX ring, which is all that C has"
    }
  }
}

/// A source, for programs.
private struct SourceRecord: Encodable {
  var trace: String
  var form: String
  var source: String
  var finding: String?
}
