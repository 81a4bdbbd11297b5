import FaultyTwins
import Fuzzer
import Netback
import Testing

@Suite struct `The fuzzer` {
  @Test(arguments: FaultyTwin.all)
  func `finds the fault of each advisory again`(_ twin: FaultyTwin) {
    #expect(Self.finds(twin.target, twin.seam))
  }

  /// A rule of the RX or of the control ring that is taken away.
  struct Mutant: Sendable, CustomTestStringConvertible {
    let name: String
    let target: ScenarioTarget
    let change: @Sendable (inout VifConfiguration) -> Void
    var testDescription: String { name }
  }

  static let mutants = [
    Mutant(name: "copies that failed", target: .rx) { $0.receiveRules.checksGrants = false },
    Mutant(name: "frames that wait for ever", target: .rx) { $0.receiveRules.dropsExpired = false },
    Mutant(name: "segmentation for a guest that takes none", target: .rx) {
      $0.receiveRules.checksSegmentation = false
    },
    Mutant(name: "a longer queue", target: .rx) { $0.receiveRules.waitingOctets += 65536 },
    Mutant(name: "a shorter queue", target: .rx) { $0.receiveRules.waitingOctets -= 65536 },
    Mutant(name: "a producer far ahead", target: .control) {
      $0.controlRules.checksProducer = false
    },
    Mutant(name: "a shorter key", target: .control) { $0.controlRules.keyOctets -= 1 },
    Mutant(name: "a shorter mapping", target: .control) { $0.controlRules.mappingEntries -= 1 },
    Mutant(name: "any queue", target: .control) { $0.controlRules.queueCheck = .never },
    Mutant(name: "any types", target: .control) { $0.controlRules.checksTypes = false },
    Mutant(name: "types without an algorithm", target: .control) {
      $0.controlRules.requiresAlgorithm = false
    },
    Mutant(name: "any algorithm", target: .control) { $0.controlRules.checksAlgorithm = false },
  ]

  @Test(arguments: mutants)
  func `finds that a rule is gone`(_ mutant: Mutant) {
    var seam = ScenarioSeam()
    seam.configure = mutant.change
    #expect(Self.finds(mutant.target, seam))
  }

  /// Whether one of some thousand scenarios fails.
  private static func finds(_ target: ScenarioTarget, _ seam: ScenarioSeam) -> Bool {
    let players = ScenarioPlayers(seam)
    var reach = ScenarioReach()
    return (0..<4000 as Range<UInt64>).contains { number in
      var mutator = ScenarioMutator(target, seed: 7 << 32 | number)
      var scenario = mutator.fresh()
      for _ in 0..<number % 4 { mutator.mutate(&scenario) }
      return players.play(octets: scenario.octets, &reach) != nil
    }
  }
}
