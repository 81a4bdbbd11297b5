import Netback
import Netif
import RingCases
import Testing

/// Rules of the RX and the control ring that are taken away, or moved.
@Suite struct `Of the other rings` {
  /// What is changed, and the rule whose cells must tell.
  struct Mutant: Sendable, CustomTestStringConvertible {
    let name: String
    let rule: String
    let change: @Sendable (inout VifConfiguration) -> Void
    var testDescription: String { name }
  }

  static let mutants = [
    Mutant(name: "a frame begins a request too early", rule: "rx/slots") {
      $0.receiveRules.slotsMissing = 1
    },
    Mutant(name: "copies that failed", rule: "rx/grant") { $0.receiveRules.checksGrants = false },
    Mutant(name: "a longer queue", rule: "rx/queue-limit") { $0.receiveRules.waitingOctets += 1 },
    Mutant(name: "a shorter queue", rule: "rx/queue-limit") { $0.receiveRules.waitingOctets -= 1 },
    Mutant(name: "no headroom", rule: "rx/headroom") { $0.receiveRules.leavesHeadroom = false },
    Mutant(name: "any type", rule: "control/type") { $0.controlRules.refusesTypes = false },
    Mutant(name: "any algorithm", rule: "control/algorithm") {
      $0.controlRules.checksAlgorithm = false
    },
    Mutant(name: "any hash types", rule: "control/hash-types") {
      $0.controlRules.checksTypes = false
    },
    Mutant(name: "hash types without an algorithm", rule: "control/hash-types") {
      $0.controlRules.requiresAlgorithm = false
    },
    Mutant(name: "a shorter key", rule: "control/key") { $0.controlRules.keyOctets -= 1 },
    Mutant(name: "a shorter mapping", rule: "control/mapping-size") {
      $0.controlRules.mappingEntries -= 1
    },
    Mutant(name: "an update whose end wraps", rule: "control/mapping-range") {
      $0.controlRules.checksEnd = false
    },
    Mutant(name: "any queue in a mapping", rule: "control/mapping-entry") {
      $0.controlRules.queueCheck = .never
    },
    Mutant(name: "queues that the mapping had", rule: "control/mapping-entry") {
      $0.controlRules.queueCheck = .before
    },
    Mutant(name: "a producer far ahead", rule: "control/producer") {
      $0.controlRules.checksProducer = false
    },
    Mutant(name: "any queue's table", rule: "staging/queue") {
      $0.controlRules.checksStagedQueue = false
    },
    Mutant(name: "a shorter list", rule: "staging/list-length") {
      $0.controlRules.stagedEntries -= 1
    },
    Mutant(name: "a smaller table", rule: "staging/table") { $0.controlRules.stagedPages -= 1 },
    Mutant(name: "a larger table", rule: "staging/table") { $0.controlRules.stagedPages += 1 },
    Mutant(name: "a part of a list", rule: "staging/entry") {
      $0.controlRules.stagesWhole = false
    },
    Mutant(name: "a page twice", rule: "staging/duplicate") { $0.controlRules.stagesOnce = false },
    Mutant(name: "a list that takes no statuses", rule: "staging/list") {
      $0.controlRules.writesStatuses = false
    },
    Mutant(name: "pages that were not there", rule: "staging/delete") {
      $0.controlRules.countsStaged = false
    },
  ]

  @Test(arguments: mutants)
  func `a cell tells that a rule is gone`(_ mutant: Mutant) throws {
    var told = 0
    for set in RxCase.cells where set.rule == mutant.rule {
      told += try set.differing(by: .linux, changing: mutant.change).count
    }
    for set in ControlCase.cells where set.rule == mutant.rule {
      told += try set.differing(by: .linux, changing: mutant.change).count
    }
    #expect(told > 0)
  }

  @Test func `each rule is taken away once at least`() {
    let rules = RxCase.cells.map(\.rule) + ControlCase.cells.map(\.rule)
    #expect(Set(Self.mutants.map(\.rule)) == Set(rules))
  }
}
