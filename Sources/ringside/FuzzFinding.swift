internal import Foundation
internal import Fuzzer

/// What an engine left: an input, and what was said of it.
struct FuzzFinding {
  /// How the engine names it: crash, timeout, oom, leak, slow.
  var kind: String
  var octets: [UInt8]
  var said: [String]

  /// Findings with the same signature are taken for the same.
  var signature: String {
    let start = "signature: "
    let line = said.last { $0.hasPrefix(start) }
    return line.map { String($0.dropFirst(start.count)) } ?? kind
  }
}

/// A finding that was kept.
struct KeptFinding: Encodable {
  var signature: String
  /// Its files.
  var files: [String]
  /// What plays it again.
  var command: String
}

/// The folder of findings.
struct FindingFolder {
  private let path: String

  /// Makes the folder, and sees that it can be written to before anything is found.
  init(_ path: String) throws(CommandFailure) {
    self.path = path
    try Self.make(path, for: "findings")
  }

  /// Makes a folder that can be written to, if it is not there.
  static func make(_ path: String, for what: String) throws(CommandFailure) {
    do {
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    } catch { throw CommandFailure(.refused, "\(path): \(error.localizedDescription)") }
    guard FileManager.default.isWritableFile(atPath: path) else {
      throw CommandFailure(
        .refused, "\(path): \(what) cannot be written there; name another folder")
    }
  }

  /// Makes a finding small and keeps it. Where it cannot be kept it is shown, so that it is not lost.
  func keep(_ finding: FuzzFinding, target: FuzzedPart) throws(CommandFailure) -> KeptFinding {
    let name = path + "/" + Self.slug("\(target.rawValue) \(finding.signature)")
    let scenario = target.hasScenarios ? Self.small(Scenario(octets: finding.octets)) : nil
    let octets = scenario?.octets ?? finding.octets
    do throws(CommandFailure) {
      try OutputFile.write(octets, to: name + ".octets")
      if let scenario { try OutputFile.write(Array(scenario.text.utf8), to: name + ".scenario") }
    } catch {
      Console.note("ringside: \(error.message); the finding itself, in base64:")
      Console.note(Data(octets).base64EncodedString())
      throw error
    }
    let files = [name + ".octets"] + (scenario == nil ? [] : [name + ".scenario"])
    let command =
      scenario == nil
      ? "ringside-fuzz --target=\(target.rawValue) \(name).octets"
      : "ringside explain \(name).scenario"
    return KeptFinding(signature: finding.signature, files: files, command: command)
  }

  /// As small as it still fails in this process; a trap is left as it was found.
  private static func small(_ scenario: Scenario) -> Scenario {
    guard var minimizer = ScenarioMinimizer(scenario, play: { ScenarioPlayer.failure(of: $0) })
    else {
      return scenario
    }
    minimizer.minimize()
    return minimizer.scenario
  }

  private static func slug(_ text: String) -> String {
    let words = text.lowercased().split { !($0.isLetter || $0.isNumber) || !$0.isASCII }
    return String(words.joined(separator: "-").prefix(80))
  }
}
