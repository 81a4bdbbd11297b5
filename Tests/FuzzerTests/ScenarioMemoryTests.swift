import Fuzzer
import TestSupport
import Testing

@Suite struct ScenarioMemoryTests {
  private static func inputs(_ target: ScenarioTarget) -> [[UInt8]] {
    (0..<400 as Range<UInt64>).map { number in
      var mutator = ScenarioMutator(target, seed: 21 << 32 | number)
      var scenario = mutator.fresh()
      for _ in 0..<number % 4 { mutator.mutate(&scenario) }
      return scenario.octets
    }
  }

  /// All that was ever needed at once stays for those who come later.
  @Test(.enabled(if: Allocations.areTelling), arguments: ScenarioTarget.rings)
  func `a scenario about rings that was played before takes no memory`(_ target: ScenarioTarget) {
    let (inputs, players) = (Self.inputs(target), ScenarioPlayers())
    var reach = ScenarioReach()
    func play() { for input in inputs { _ = players.play(octets: input, &reach) } }
    play()
    let before = Allocations.ofThisThread
    play()
    #expect(Allocations.ofThisThread == before)
    #expect(reach.delivering > inputs.count / 2)
  }
}
