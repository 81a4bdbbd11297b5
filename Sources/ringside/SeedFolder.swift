internal import Foundation
internal import Fuzzer

/// A folder of inputs that an engine starts from, made of traces and of scenarios' texts; it goes away with the
/// value.
final class SeedFolder {
  let path: String

  /// - Parameter target: what is to be fuzzed; a scenario of another stage is none for it.
  init(_ words: [String], for target: FuzzedPart) throws(CommandFailure) {
    let name = "ringside-seeds-\(ProcessInfo.processInfo.globallyUniqueString)"
    path = FileManager.default.temporaryDirectory.appendingPathComponent(name).path
    var inputs: [TraceInput] = []
    for word in words {
      inputs += try TraceInput.all(word, endings: TraceInput.endings + [".scenario"])
    }
    try WritableFolder.make(path, for: "seeds")
    var count = 0
    for input in inputs {
      try input.forEachScenario { scenario throws(CommandFailure) in
        guard scenario.vif.stage == target.stage else {
          throw CommandFailure(
            .badInput,
            "\(input.name): \(scenario.vif.stage.words), which --target \(target) is not about")
        }
        try OutputFile.write(scenario.octets, to: "\(path)/\(count)")
        count += 1
      }
    }
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }
}

extension ScenarioStage {
  /// What a scenario of it is, in words.
  fileprivate var words: String {
    switch self {
    case .rings: "about the rings of a vif"
    case .xenbus: "the life of a vif"
    }
  }
}
