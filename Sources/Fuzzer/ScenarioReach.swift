import Netif
public import Oracle

/// Where scenarios have been: how many, how many of them delivered something, which rules were met from
/// either side.
public struct ScenarioReach: Hashable, Sendable {
  /// Scenarios that were added.
  public private(set) var executions = 0
  /// Those in which a packet or a frame was delivered, or a message done.
  public private(set) var delivering = 0
  /// TX rules that have refused a packet or cut a guest off.
  public private(set) var fallen = ModelRules()
  /// TX rules of which a packet stood on the good side, not by far.
  public private(set) var passed = ModelRules()
  /// Whether something was delivered.
  public private(set) var delivers = false

  /// Nowhere yet.
  public init() {}

  /// Adds a scenario's.
  public mutating func add(_ scenario: ScenarioReach) {
    executions += 1
    if scenario.delivers { delivering += 1 }
    fallen.formUnion(scenario.fallen)
    passed.formUnion(scenario.passed)
  }

  /// Scenarios in a hundred that delivered something.
  public var share: Int { executions == 0 ? 0 : 100 * delivering / executions }
  /// TX rules in all.
  public static var rules: Int { ModelRule.allCases.count }
  /// The names of those that were not met from both sides.
  public var unseen: [String] {
    ModelRule.allCases.filter { !bothSides.contains(ModelRules($0)) }.map(\.rawValue)
  }

  /// TX rules that were met from both sides.
  public var bothSides: ModelRules { fallen.intersection(passed) }
  /// How many these are.
  public var rulesMet: Int { bothSides.rules.count }

  mutating func note(_ outcome: ModelOutcome) {
    if !outcome.frames.isEmpty { delivers = true }
    passed.formUnion(outcome.passed)
    for verdict in outcome.verdicts {
      switch verdict {
      case .refused(let rule), .fatal(let rule): fallen.insert(ModelRules(rule))
      case .delivered, .lost, .multicast: break
      }
    }
  }

  mutating func noteDelivery() { delivers = true }

  mutating func note(_ answers: [RxModel.Answer]) { if !answers.isEmpty { delivers = true } }

  mutating func note(_ answers: [ControlResponse]) {
    if answers.contains(where: { $0.status == 0 }) { delivers = true }
  }
}
