import Netif
import RingCases
import Testing

/// Each rule of the TX ring, from below, at and above its bound, in every shape of packet.
@Suite struct `The rule matrix` {
  static let rules = MatrixRule.allCases

  @Test(arguments: RuleProfile.allCases, rules)
  func `each cell is answered as the model of the rules says`(
    _ profile: RuleProfile, _ rule: MatrixRule
  ) {
    let report = MatrixReport(rule, by: profile) { BareQueue.answer(to: $0, by: profile) }
    for difference in report.differences.prefix(3) {
      Issue.record("\(difference.cell.name): wanted \(difference.wanted), got \(difference.got)")
    }
    #expect(report.agreed == report.cells)
    #expect(report.delivered > 0)
    // The multicast list takes no packet away.
    #expect(report.refused + report.cutOff > 0 || rule == .multicastLimit)
  }

  @Test func `it has 38826 cells, and a reason for each place that is none`() {
    let places = Self.rules.flatMap(MatrixCell.places)
    let gaps = Dictionary(grouping: places.compactMap(\.gap)) { $0 }.mapValues(\.count)
    #expect(places.count == 155_520)
    #expect(places.count { $0.gap == nil } == 38_826)
    #expect(Set(gaps.keys) == Set(MatrixGap.allCases))
  }

  @Test(arguments: RuleProfile.allCases)
  func `each cell of the RX ring is answered as the model says`(_ profile: RuleProfile) throws {
    for set in RxCase.cells {
      #expect(try set.differing(by: profile).prefix(5) == [], "\(set.rule)")
    }
    #expect(RxCase.cells.reduce(0) { $0 + $1.cases.count } == 1020)
  }

  @Test(arguments: RuleProfile.allCases)
  func `each cell of the control ring is answered as the model says`(
    _ profile: RuleProfile
  ) throws {
    for set in ControlCase.cells {
      #expect(try set.differing(by: profile).prefix(5) == [], "\(set.rule)")
    }
    #expect(ControlCase.cells.reduce(0) { $0 + $1.cases.count } == 1110)
  }

  @Test func `the name of a cell finds it`() {
    for cell in Self.rules.compactMap({ MatrixCell.all(of: $0).last }) {
      #expect(MatrixCell(name: cell.name) == cell)
    }
    #expect(MatrixCell(name: "tx/minimum-size/at/slot-1-of-2/extras-0") == nil)
  }

  /// A rule taken away, or moved, and the rule whose cells must tell.
  struct Mutant: Sendable, CustomTestStringConvertible {
    let name: String
    let rule: MatrixRule
    var profiles = RuleProfile.allCases
    let change: @Sendable (inout TxRules) -> Void
    var testDescription: String { name }
  }

  static let mutants = [
    Mutant(name: "no minimum", rule: .minimumSize) { $0.minimum = 0 },
    Mutant(name: "a minimum of one more", rule: .minimumSize) { $0.minimum += 1 },
    Mutant(name: "slots over the end of their page", rule: .pageCrossing) {
      $0.checksPages = false
    },
    Mutant(name: "empty slots behind the end of their page", rule: .pageEnd) {
      $0.checksPages = false
    },
    Mutant(name: "no slot limit", rule: .slotLimit) { $0.continuations = .max },
    Mutant(name: "one slot more", rule: .slotLimit) { $0.continuations += 1 },
    Mutant(name: "never too many slots", rule: .slotLimit, profiles: [.linux]) {
      $0.fatalContinuations = .max
    },
    Mutant(name: "sizes that do not add up", rule: .sizeSum) { $0.checksSum = false },
    Mutant(name: "slots that are missing", rule: .missingSlot) { $0.requiresPromised = false },
    Mutant(name: "extra infos that are missing", rule: .missingExtra) {
      $0.requiresPromised = false
    },
    Mutant(name: "unknown extra infos", rule: .extraType) { $0.checksExtraType = false },
    Mutant(name: "segments of nothing", rule: .gsoSize) { $0.checksSegmentSize = false },
    Mutant(name: "unknown segmentations", rule: .gsoType) { $0.checksSegmentType = false },
    Mutant(name: "a producer far ahead", rule: .producer) { $0.checksProducer = false },
    Mutant(name: "grants that cannot be used", rule: .grant) { $0.checksGrants = false },
    Mutant(name: "empty slots answered late", rule: .emptySlot) { $0.answersEmpty = false },
    Mutant(name: "a shorter linear area", rule: .linearArea) { $0.linearLength -= 1 },
    Mutant(name: "a longer linear area", rule: .linearArea) { $0.linearLength += 1 },
    Mutant(name: "a multicast list without end", rule: .multicastLimit) {
      $0.multicastAddresses = .max
    },
    Mutant(name: "the other profile's severity", rule: .pageCrossing) { $0.cutsOff.toggle() },
  ]

  @Test(arguments: mutants)
  func `a cell tells that a rule is gone`(_ mutant: Mutant) {
    for profile in mutant.profiles {
      let isTold = MatrixCell.all(of: mutant.rule).contains { cell in
        cell.difference(by: profile) {
          BareQueue.answer(to: $0, by: profile, changing: mutant.change)
        } != nil
      }
      #expect(isTold, "\(profile)")
    }
  }

  @Test func `each rule is taken away once at least`() {
    #expect(Set(Self.mutants.map(\.rule)) == Set(Self.rules))
  }
}
