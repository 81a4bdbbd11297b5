/// What a scenario comes to, and where: what a smaller one is to come to as well.
public struct ScenarioEnd: Hashable, Sendable, CustomStringConvertible {
  /// The step, from 0.
  public var step: Int
  /// Ends with the same signature are taken for the same.
  public var signature: String
  /// What it is, for people.
  public var description: String

  /// A failure is an end, and none is none.
  public init?(_ failure: ScenarioFailure?) {
    guard let failure else { return nil }
    step = failure.step
    signature = failure.finding.signature
    description = "\(failure.finding)"
  }

  private init(step: Int, cutOffBy rule: String) {
    self.step = step
    description = "the guest is cut off by \(rule)"
    signature = description
  }

  /// Where a scenario of rings has the guest cut off as it must; `nil` where it does not, or where the netback
  /// did something else that it must not before.
  public init?(cutOffIn scenario: Scenario, by way: ScenarioWay = ScenarioWay()) {
    guard scenario.vif.stage == .rings else { return nil }
    let player = ScenarioPlayer(scenario.vif, by: way)
    for (place, step) in scenario.steps.enumerated() {
      guard player.failure(of: step, at: place) == nil else { return nil }
      guard let rule = player.world.cutOffRule else { continue }
      self.init(step: place, cutOffBy: rule)
      return
    }
    return nil
  }
}
