internal import Foundation
internal import Fuzzer

/// A folder of inputs that an engine starts from, made of traces and of scenarios' texts; it goes away with the
/// value.
final class SeedFolder {
  let path: String

  init(_ words: [String]) throws(CommandFailure) {
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
        try OutputFile.write(scenario.octets, to: "\(path)/\(count)")
        count += 1
      }
    }
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }
}
