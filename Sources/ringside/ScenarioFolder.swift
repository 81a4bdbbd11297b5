internal import FoundationEssentials
internal import Fuzzer
internal import Netif
internal import RingCases
internal import TraceFiles
internal import XenRing

/// A folder with a folder for each scenario: `case.scenario`, and what comes of it in `outcome.txt`, as `ringside
/// explain` tells it.
struct ScenarioFolder {
  private static let file = "case.scenario"

  /// By name.
  let scenarios: [CheckedScenario]

  /// Reads a folder; `nil` when there is none of that name.
  init?(_ path: String) throws(CommandFailure) {
    var isFolder = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), isFolder else {
      return nil
    }
    let names = ((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []).sorted()
    let folders = names.map { path + (path.hasSuffix("/") ? "" : "/") + $0 }
      .filter { FileManager.default.fileExists(atPath: $0 + "/" + Self.file) }
    guard !folders.isEmpty else {
      throw CommandFailure(.badInput, "\(path): no folder in it has a \(Self.file)")
    }
    var scenarios: [CheckedScenario] = []
    for folder in folders { scenarios.append(try CheckedScenario(folder, Self.file)) }
    self.scenarios = scenarios
  }
}

/// One scenario of such a folder.
struct CheckedScenario {
  private let path: String
  private let name: String
  private let scenario: Scenario
  /// What ought to come of it, if that is written down.
  private let outcome: [String]?

  fileprivate init(_ folder: String, _ file: String) throws(CommandFailure) {
    path = folder + "/" + file
    name = String(
      folder[(folder.lastIndex(of: "/").map(folder.index(after:)) ?? folder.startIndex)...])
    scenario = try TraceInput.file(path).scenario()
    outcome = HostProbe.lines(folder + "/outcome.txt")
  }

  /// Plays it here, or puts what of it is a guest's to a netback of this host.
  ///
  /// - Parameter data: how that of packets comes here. What is written down is what comes of it where data is copied
  ///   or mapped at once: who maps late answers later that a page cannot be had.
  func result(by data: ScenarioPath, on host: HostCheck?) throws(CommandFailure) -> RuleResult {
    let profile = scenario.vif.profile
    guard let host else {
      let story = ScenarioStory(of: scenario, by: ScenarioWay(data))
      let isSame = data == .lazy || (outcome ?? story.lines) == story.lines
      let agrees = story.failure == nil && isSame
      return RuleResult(
        rule: name, profile: "\(profile)", cells: 1, agreed: agrees ? 1 : 0,
        differing: agrees ? [] : [path])
    }
    guard scenario.isGuestsAlone, profile == .linux else {
      return RuleResult(rule: name, profile: "\(profile)", cells: 0, agreed: 0, differing: [])
    }
    var result = try RuleResult(name, [scenario.txCase(name)].compactMap(\.self), profile, on: host)
    result.add(try RuleResult(name, [scenario.rxCase(name)].compactMap(\.self), profile, on: host))
    result.add(
      try RuleResult(name, [scenario.controlCase(name)].compactMap(\.self), profile, on: host))
    result.differing = result.differing.isEmpty ? [] : [path]
    return result
  }
}

extension RuleResult {
  fileprivate mutating func add(_ other: RuleResult) {
    cells += other.cells
    agreed += other.agreed
    stricter = (stricter ?? 0) + (other.stricter ?? 0)
    differing += other.differing
  }
}
