internal import Foundation
internal import Fuzzer

/// Plays scenarios in processes of their own, which may come to an end by it.
final class EnginePlayer {
  private let engine: FuzzEngine
  private let file: URL

  /// - Parameter engine: a ringside-fuzz.
  init(_ engine: FuzzEngine) {
    self.engine = engine
    let name = "ringside-scenario-\(ProcessInfo.processInfo.globallyUniqueString)"
    file = FileManager.default.temporaryDirectory.appendingPathComponent(name)
  }

  deinit { try? FileManager.default.removeItem(at: file) }

  /// Plays a scenario; one that cannot be played is one that does not fail.
  func failure(of scenario: Scenario) -> ScenarioFailure? {
    guard (try? Data(scenario.octets).write(to: file)) != nil,
      let job = try? engine.start([file.path]), let signature = job.signature()
    else { return nil }
    return ScenarioFailure(step: max(0, scenario.steps.count - 1), finding: .ended(signature))
  }
}
