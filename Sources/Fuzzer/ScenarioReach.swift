import Netif
import Oracle

/// Where scenarios have been: how many, how many of them delivered something, which rules were met from
/// either side.
public struct ScenarioReach: Hashable, Sendable {
  /// Scenarios that were added.
  public private(set) var executions = 0
  /// Those in which a packet or a frame was delivered, or a message done.
  public private(set) var delivering = 0
  /// Rules that were broken.
  private var broken = ReachRules()
  /// Rules that were kept to, not by far.
  private var kept = ReachRules()
  /// Whether something was delivered.
  public private(set) var delivers = false

  /// Nowhere yet.
  public init() {}

  /// Adds a scenario's.
  public mutating func add(_ scenario: ScenarioReach) {
    executions += 1
    if scenario.delivers { delivering += 1 }
    broken.formUnion(scenario.broken)
    kept.formUnion(scenario.kept)
  }

  /// Scenarios in a hundred that delivered something.
  public var share: Int { executions == 0 ? 0 : 100 * delivering / executions }

  /// The rules of a target that were not met from both sides.
  public func unseen(_ target: ScenarioTarget) -> [ReachRule] {
    let met = broken.intersection(kept)
    return ReachRule.of(target).filter { !met.contains(ReachRules($0)) }
  }

  mutating func note(_ outcome: ModelOutcome) {
    if !outcome.frames.isEmpty { delivers = true }
    kept.formUnion(ReachRules(outcome.passed))
    for verdict in outcome.verdicts {
      switch verdict {
      case .refused(let rule), .fatal(let rule): broken.formUnion(ReachRules(ModelRules(rule)))
      case .delivered, .lost, .multicast: break
      }
    }
  }

  mutating func noteDelivery() { delivers = true }

  mutating func note(_ rule: ReachRule, isKept: Bool) {
    if isKept { kept.insert(ReachRules(rule)) } else { broken.insert(ReachRules(rule)) }
  }

  mutating func note(_ answers: [RxModel.Answer], leaves waiting: Int) {
    if !answers.isEmpty { delivers = true }
    if !answers.isEmpty { note(.enoughRequests, isKept: true) }
    if waiting > 0 { note(.enoughRequests, isKept: false) }
    for case .data(let response, _) in answers {
      note(.writablePage, isKept: response.status.rawValue >= 0)
    }
  }

  mutating func note(_ answers: [ControlResponse]) {
    if !answers.isEmpty { note(.controlProducer, isKept: true) }
    for answer in answers {
      if answer.status == 0 { delivers = true }
      guard let message = ControlMessage(rawValue: answer.type) else { continue }
      note(.message(message), isKept: answer.status == 0)
    }
  }

  mutating func note(_ model: XenbusModel) {
    kept.formUnion(ReachRules(model.kept))
    broken.formUnion(ReachRules(model.broken))
  }
}
