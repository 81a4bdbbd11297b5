package import Fuzzer
import Netback
import Netif

/// A netback with an old fault put back, which a public advisory tells of.
package struct FaultyTwin: Sendable, CustomStringConvertible {
  /// The folder of its advisory in `Corpus/advisories`.
  package let name: String
  /// What must be fuzzed to find it.
  package let target: ScenarioTarget
  private let change: @Sendable (inout ScenarioSeam) -> Void

  init(
    _ name: String, _ target: ScenarioTarget = .tx,
    _ change: @escaping @Sendable (inout ScenarioSeam) -> Void
  ) {
    self.name = name
    self.target = target
    self.change = change
  }

  /// The netback's seam with the fault in it, and the way in which it shows.
  package var seam: ScenarioSeam {
    var seam = ScenarioSeam()
    change(&seam)
    return seam
  }

  package var description: String { name }
}

extension FaultyTwin {
  /// All of them.
  package static let all = ofRings + ofLives

  /// Those whose fault rings show.
  package static let ofRings: [FaultyTwin] = [
    FaultyTwin("xsa-039-producer") { $0.configure = { $0.rules.checksProducer = false } },
    FaultyTwin("xsa-039-missing-slot") { $0.configure = { $0.rules.requiresPromised = false } },
    FaultyTwin("xsa-039-wrapped-walk") { $0.configure = { $0.rules.walksPastWrap = false } },
    FaultyTwin("xsa-039-leaked-pages") {
      $0.way.path = .map
      $0.grants = { LeakingGrants($0) }
    },
    FaultyTwin("xsa-090-goes-on") { $0.configure = { $0.rules.stopsAtViolation = false } },
    FaultyTwin("xsa-155-double-fetch") { $0.ring.readsTwice = true },
    FaultyTwin("xsa-216-padding") { $0.ring.leaks = true },
    FaultyTwin("xsa-270-end", .control) { $0.configure = { $0.controlRules.checksEnd = false } },
    FaultyTwin("xsa-270-old-queues", .control) {
      $0.configure = { $0.controlRules.queueCheck = .before }
    },
    FaultyTwin("xsa-270-half-update", .control) {
      $0.configure = { $0.controlRules.changesWhole = false }
    },
    FaultyTwin("xsa-316-positive-status") { $0.grants = { TrustingGrants($0, lie: 1) } },
    FaultyTwin("xsa-318-unwritten-status") { $0.grants = { TrustingGrants($0, lie: .min) } },
    FaultyTwin("xsa-361-first-failure") {
      $0.way.path = .map
      $0.grants = { StoppingGrants($0) }
    },
    FaultyTwin("xsa-367-failed-batch") {
      $0.way.path = .map
      $0.grants = { BlindGrants($0) }
    },
    FaultyTwin("xsa-367-unchecked-status") { $0.configure = { $0.rules.checksGrants = false } },
    FaultyTwin("xsa-392-endless-queue", .rx) {
      $0.configure = { $0.receiveRules.waitingOctets *= 4 }
    },
    FaultyTwin("xsa-423-split-headers") { $0.configure = { $0.rules.copiesAcrossSlots = false } },
    FaultyTwin("xsa-432-wrapped-count") { $0.configure = { $0.rules.linearSlots = 18 } },
    FaultyTwin("xsa-448-empty-slots") { $0.configure = { $0.rules.answersEmpty = false } },
  ]
}
