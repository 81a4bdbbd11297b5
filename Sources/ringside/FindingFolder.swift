internal import Foundation
internal import Fuzzer

/// The folder of findings.
struct FindingFolder {
  /// Seconds that the minimizing of a finding takes at most.
  private static let patience = 30

  private let path: String
  private let target: FuzzedPart
  private let way: WayOptions
  private let engine: FuzzEngine

  /// Makes the folder, and sees that it can be written to before anything is found.
  init(
    _ path: String, target: FuzzedPart, way: WayOptions, engine: FuzzEngine
  ) throws(CommandFailure) {
    self.path = path
    self.target = target
    self.way = way
    self.engine = engine.with(["--target=\(target.rawValue)", "-timeout=20"] + way.words)
    try WritableFolder.make(path, for: "findings")
  }

  /// Keeps a finding as it is, then small: as octets, text and a trace. Where it cannot be kept it is shown, so
  /// that it is not lost.
  func keep(_ finding: FuzzFinding) throws(CommandFailure) -> KeptFinding {
    let name = path + "/" + Self.slug("\(target.rawValue) \(finding.signature)")
    do throws(CommandFailure) { try OutputFile.write(finding.octets, to: name + ".octets") } catch {
      show(finding.octets, error)
      throw error
    }
    var kept = KeptFinding(
      signature: finding.signature, files: [name + ".octets"],
      command: command("ringside-fuzz --target=\(target.rawValue)", on: name + ".octets"))
    guard target.hasScenarios else { return kept }
    let scenario = small(finding)
    do throws(CommandFailure) {
      try put(scenario.octets, ".octets", of: name, &kept)
      try put(Array(scenario.text.utf8), ".scenario", of: name, &kept)
      guard finding.isCompared else { return kept }
      kept.command = command("ringside explain", on: name + ".scenario")
      try put(scenario.recorded(name, by: way.way).0, ".ringtrace", of: name, &kept)
      kept.replay = "ringside replay \(name).ringtrace"
    } catch {
      show(scenario.octets, error)
      throw error
    }
    return kept
  }

  private func command(_ words: String, on file: String) -> String {
    ([words] + way.words + [file]).joined(separator: " ")
  }

  private func put(
    _ octets: [UInt8], _ ending: String, of name: String, _ kept: inout KeptFinding
  ) throws(CommandFailure) {
    try OutputFile.write(octets, to: name + ending)
    if !kept.files.contains(name + ending) { kept.files.append(name + ending) }
  }

  /// Shows a finding that cannot be kept: a scenario as text, all else in base64.
  private func show(_ octets: [UInt8], _ error: CommandFailure) {
    let form = target.hasScenarios ? "as a scenario" : "in base64"
    Console.note("ringside: \(error.message); the finding itself, \(form):")
    guard target.hasScenarios else { return Console.note(Data(octets).base64EncodedString()) }
    Scenario(octets: octets).text.split(separator: "\n").forEach { Console.note(String($0)) }
  }

  /// As small as it still fails: in this process, or, if that would end it, in those of engines.
  private func small(_ finding: FuzzFinding) -> Scenario {
    let scenario = Scenario(octets: finding.octets)
    let player = EnginePlayer(engine)
    let way = way.way
    let play: ScenarioMinimizer.Play =
      finding.isCompared
      ? { ScenarioEnd(ScenarioPlayer.failure(of: $0, by: way)) }
      : { ScenarioEnd(player.failure(of: $0)) }
    guard var minimizer = ScenarioMinimizer(scenario, play: play) else { return scenario }
    let deadline = Deadline(seconds: Self.patience)
    minimizer.minimize { !deadline.isOver }
    return minimizer.scenario
  }

  private static func slug(_ text: String) -> String {
    let words = text.lowercased().split { !($0.isLetter || $0.isNumber) || !$0.isASCII }
    return String(words.joined(separator: "-").prefix(80))
  }
}
