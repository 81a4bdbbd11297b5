import Fuzzer
import Testing

@Suite struct `The netback in a scenario's hands` {
  @Test func `does the same in a world in which others have played before`() {
    let players = ScenarioPlayers()
    var (used, fresh) = (ScenarioReach(), ScenarioReach())
    for target in ScenarioTarget.allCases {
      for number in 0..<150 as Range<UInt64> {
        var mutator = ScenarioMutator(target, seed: 11 << 32 | number)
        let octets = mutator.fresh().octets
        #expect(players.play(octets: octets, &used) == nil, "\(target), number \(number)")
        _ = ScenarioPlayers().play(octets: octets, &fresh)
      }
    }
    #expect(used == fresh)
  }

  @Test func `is said once to have cut a guest off`() {
    let lie = ScenarioStep.publish(.control, beyond: 1000, tells: true)
    let story = ScenarioStory(of: Scenario(ScenarioVif(), [lie, lie]))
    #expect(story.lines.count { $0 == "    guest cut off by control/producer" } == 1)
  }

  @Test(arguments: ScenarioTarget.allCases, [1, 2, 3] as [UInt64])
  func `does what the models of the rules say`(_ target: ScenarioTarget, _ seed: UInt64) {
    for number in 0..<150 as Range<UInt64> {
      var mutator = ScenarioMutator(target, seed: seed << 32 | number)
      var scenario = mutator.fresh()
      for _ in 0..<number % 4 { mutator.mutate(&scenario) }
      if let failure = ScenarioPlayer.failure(of: scenario) {
        Issue.record(
          "\(target), seed \(seed), number \(number): \(failure.finding), at step \(failure.step)")
        return
      }
    }
  }
}
