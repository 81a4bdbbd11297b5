/// Makes a scenario small: as few packets, then as few steps, as come to the same end, then the plainest
/// numbers in them.
///
/// What comes out is 1-minimal, if there was time: with any step left out it does not end so any more. It is
/// never a scenario that was not seen to.
public struct ScenarioMinimizer {
  /// Plays a scenario; `nil` when it comes to no end that matters.
  public typealias Play = (Scenario) -> ScenarioEnd?

  private let play: Play
  private let tries: Int
  private var goesOn: () -> Bool = { true }
  /// The smallest that ended so.
  public private(set) var scenario: Scenario
  /// How it ends.
  public private(set) var end: ScenarioEnd
  /// How often the scenario that was given ended so.
  public private(set) var confirmed = 0
  /// Scenarios played.
  public private(set) var runs = 0

  /// Takes a scenario and plays it.
  ///
  /// - Parameters:
  ///   - scenario: what is to be made small.
  ///   - tries: how often a scenario is played before it is taken for one that does not end so.
  ///   - play: plays a scenario and says how it ends.
  /// - Returns: `nil` when it does not in any of them.
  public init?(_ scenario: Scenario, tries: Int = 1, play: @escaping Play) {
    let ends = (0..<tries).compactMap { _ in play(scenario) }
    guard let first = ends.first else { return nil }
    self.play = play
    self.tries = tries
    self.scenario = scenario
    end = first
    runs = tries
    confirmed = ends.count { $0.signature == first.signature }
  }

  /// Goes on until nothing can be left out.
  ///
  /// - Parameter goesOn: asked before each play; when it says no, the smallest so far stays.
  public mutating func minimize(while goesOn: @escaping () -> Bool = { true }) {
    self.goesOn = goesOn
    keepPrefix()
    var before: Scenario
    repeat {
      before = scenario
      remove(groups: scenario.packets)
      remove(groups: scenario.steps.map { [$0] })
      simplifyVif()
      for place in scenario.steps.indices { simplify(place) }
    } while scenario != before
  }

  /// What lies behind the step at which it ends is no part of it.
  private mutating func keepPrefix() {
    var shorter = scenario
    shorter.steps = Array(scenario.steps.prefix(end.step + 1))
    _ = accepts(shorter)
  }

  /// Leaves out groups of steps: half of them, then a quarter, down to one, as long as that helps.
  private mutating func remove(groups: [[ScenarioStep]]) {
    var groups = groups
    var size = max(1, groups.count / 2)
    while true {
      let isDone = !remove(size, from: &groups) && size == 1
      if isDone { return }
      size = max(1, size / 2)
    }
  }

  private mutating func remove(_ size: Int, from groups: inout [[ScenarioStep]]) -> Bool {
    var (place, helped) = (0, false)
    while place < groups.count {
      var fewer = groups
      fewer.removeSubrange(place..<min(place + size, groups.count))
      if accepts(Scenario(scenario.vif, fewer.flatMap(\.self))) {
        (groups, helped) = (fewer, true)
      } else {
        place += size
      }
    }
    return helped
  }

  private mutating func simplifyVif() {
    let plain = ScenarioVif(scenario.vif.stage)
    for change: (inout ScenarioVif) -> Void in [
      { $0.profile = plain.profile }, { $0.start = plain.start }, { $0.features = plain.features },
      { $0.headroom = plain.headroom },
    ] {
      var simpler = scenario
      change(&simpler.vif)
      _ = accepts(simpler)
    }
  }

  private mutating func simplify(_ place: Int) {
    for step in scenario.steps[place].simpler where step.weight < scenario.steps[place].weight {
      var simpler = scenario
      simpler.steps[place] = step
      _ = accepts(simpler)
    }
  }

  /// Whether another scenario ends in the same way; it is kept then.
  private mutating func accepts(_ candidate: Scenario) -> Bool {
    guard candidate != scenario else { return false }
    for _ in 0..<tries where goesOn() {
      runs += 1
      if let end = play(candidate), end.signature == self.end.signature {
        (scenario, self.end) = (candidate, end)
        return true
      }
    }
    return false
  }
}

extension Scenario {
  /// The steps, cut behind each that has the backend do something.
  fileprivate var packets: [[ScenarioStep]] {
    var packets: [[ScenarioStep]] = []
    var isOpen = false
    for step in steps {
      if isOpen { packets[packets.count - 1].append(step) } else { packets.append([step]) }
      switch step.kind {
      case .publish, .frame, .pass, .rate, .reconnect: isOpen = false
      case .key: isOpen = true
      default: isOpen = step.kind.stage == .rings
      }
    }
    return packets
  }
}
