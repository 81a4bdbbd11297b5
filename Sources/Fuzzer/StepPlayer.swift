/// Plays the steps of one stage.
protocol StepPlayer: AnyObject {
  /// Where it has been.
  var reach: ScenarioReach { get }
  /// What came of the steps since this was emptied; `nil` when nothing is to be told.
  var told: [String]? { get set }
  /// Lets another scenario begin, in a world that is as it was at first.
  func restart(_ vif: ScenarioVif)
  /// Does a step, and what the backend has to do for it.
  ///
  /// - Throws: what the backend did that it must not.
  func play(_ step: ScenarioStep) throws(ScenarioFinding)
  /// Ends the scenario.
  ///
  /// - Throws: what is not as it must be then.
  func finish() throws(ScenarioFinding)
}

extension StepPlayer {
  /// Plays a scenario to its end, or to the first finding.
  func failure(of scenario: Scenario) -> ScenarioFailure? {
    for (place, step) in scenario.steps.enumerated() {
      if let failure = failure(of: step, at: place) { return failure }
    }
    return failure(behind: scenario.steps.count)
  }

  /// Does the step at a place.
  func failure(of step: ScenarioStep, at place: Int) -> ScenarioFailure? {
    do throws(ScenarioFinding) { try play(step) } catch {
      return ScenarioFailure(step: place, finding: error)
    }
    return nil
  }

  /// Ends a scenario of so many steps; a finding counts for the last.
  func failure(behind count: Int) -> ScenarioFailure? {
    do throws(ScenarioFinding) { try finish() } catch {
      return ScenarioFailure(step: max(0, count - 1), finding: error)
    }
    return nil
  }
}
