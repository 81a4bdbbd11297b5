import Netif
import Oracle
import XenRing

/// What must come of a scenario, told step by step.
public struct ScenarioStory: Sendable {
  /// A line for each step, and behind it, indented, one for each thing that comes of it.
  public private(set) var lines: [String] = []
  /// The scenario in its text form as far as it was played, and behind each step, as remarks, what comes of it.
  public private(set) var text: String
  /// What the netback did that it must not, if anything; the story ends there.
  public private(set) var failure: ScenarioFailure?

  /// Plays a scenario and tells it.
  public init(of scenario: Scenario, by way: ScenarioWay = ScenarioWay()) {
    self.init(of: scenario, ScenarioSeam(way))
  }

  /// The same, with a netback that has a fault.
  package init(of scenario: Scenario, _ seam: ScenarioSeam) {
    let player = ScenarioPlayer.player(for: scenario, seam)
    text = Scenario(scenario.vif).text
    for (place, step) in scenario.steps.enumerated() {
      player.told = []
      failure = player.failure(of: step, at: place)
      tell(step, at: place, player.told ?? [])
      guard failure == nil else { break }
    }
    if failure == nil { failure = player.failure(behind: scenario.steps.count) }
    if let failure { lines.append("    finding: \(failure.finding)") }
  }

  private mutating func tell(_ step: ScenarioStep, at place: Int, _ told: [String]) {
    lines.append("\(place): \(step)")
    lines += told.map { "    \($0)" }
    text += "\(step)\n" + told.map { "# \($0)\n" }.joined()
  }
}

/// Words for what the models say.
enum StoryWords {
  static func told(_ outcome: ModelOutcome) -> [String] {
    var lines = outcome.verdicts.map(told)
    lines += outcome.frames.indices.map { "frame of \(outcome.frames[$0].count) octets" }
    return lines + told(outcome.answers)
  }

  static func told(_ answers: [ModelAnswer]) -> [String] {
    answers.isEmpty ? [] : ["tx answers " + answers.map(told).joined(separator: ", ")]
  }

  private static func told(_ verdict: ModelVerdict) -> String {
    switch verdict {
    case .delivered: "packet delivered"
    case .lost: "packet lost: a grant cannot be used, or headers cannot be read"
    case .multicast: "multicast list"
    case .refused(let rule): "packet refused by \(rule.rawValue)"
    case .fatal(let rule): "guest cut off by \(rule.rawValue)"
    }
  }

  private static func told(_ answer: ModelAnswer) -> String {
    let nulls = answer.nulls == 0 ? "" : " and \(answer.nulls) NULL"
    return "\(answer.id) \(told(answer.status))\(nulls)"
  }

  private static func told(_ status: NetifStatus) -> String {
    switch status {
    case .okay: "OKAY"
    case .error: "ERROR"
    case .dropped: "DROPPED"
    case .null: "NULL"
    default: "\(status.rawValue)"
    }
  }

  static func told(_ answers: [RxModel.Answer]) -> [String] {
    let words = answers.map { answer in
      switch answer {
      case .data(let response, _): "\(response.id) \(response.status.rawValue)"
      case .extra(let extra): "extra info \(extra.low & 0xff)"
      }
    }
    return words.isEmpty ? [] : ["rx answers " + words.joined(separator: ", ")]
  }

  static func told(_ answers: [ControlResponse]) -> [String] {
    answers.map { "control answer \($0.id): status \($0.status), data \($0.data)" }
  }
}
