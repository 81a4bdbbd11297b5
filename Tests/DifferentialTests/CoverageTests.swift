import Netif
@testable import RingCases
import Testing
import XenRing

/// What Linux made of a case that stands for a rule.
enum Outcome {
  /// The vif was cut off.
  case disabled
  /// The first packet was refused whole; the vif goes on.
  case refused
  /// Everything was answered OKAY.
  case accepted
  /// OKAY and ERROR, the vif goes on.
  case mixed

  init(_ answer: CaseAnswer) {
    let errors = answer.slots.filter { $0.status == .error }
    if answer.isDisabled {
      self = .disabled
    } else if errors.isEmpty {
      self = .accepted
    } else {
      self = errors.contains { $0.id == 0 } ? .refused : .mixed
    }
  }
}

/// A rule of the TX path, the cases that stand for it, and what Linux makes of them.
struct CoveredRule: CustomTestStringConvertible {
  var rule: String
  var outcome: Outcome
  var cases: [String]

  init(_ rule: String, _ outcome: Outcome, _ cases: [String]) {
    self.rule = rule
    self.outcome = outcome
    self.cases = cases
  }

  var testDescription: String { rule }
}

@Suite struct `What the cases cover` {
  @Test(arguments: CoveredRule.all)
  func `each rule has cases, and Linux follows it`(_ covered: CoveredRule) throws {
    try StoredAnswers.tx.forEachAnswer(to: covered.cases) { name, answer in
      #expect(Outcome(answer) == covered.outcome, "\(name)")
    }
  }

  @Test func `known attacks stand on indices that wrap, and behind extra infos`() {
    let names = StoredAnswers.tx.cases.map(\.name)
    for group in ["order", "ring", "sequence"] {
      #expect(names.count { $0.hasPrefix(group) && $0.hasSuffix("/wrap") } >= 8, "\(group)")
    }
    for group in ["order", "boundary", "sequence"] {
      #expect(names.count { $0.hasPrefix(group) && $0.hasSuffix("/extra") } >= 8, "\(group)")
    }
  }

  @Test func `the random sequences have every trait often enough`() {
    let random = StoredAnswers.tx.cases.filter { $0.name.hasPrefix("random/") }
    #expect(random.count >= 2000)
    func count(_ trait: (TxCase) -> Bool) -> Int { random.count(where: trait) }
    func slots(_ asked: TxCase) -> [CaseSlot] { asked.publishes.flatMap(\.self) }
    for kind in ["valid", "boundary", "malformed"] {
      #expect(count { $0.name.contains(kind) } >= 600, "\(kind)")
    }
    #expect(count { $0.publishes.count > 1 } >= 300)
    #expect(count { $0.publishes.contains { PacketShape.packets(in: $0).count > 1 } } >= 1000)
    #expect(count { slots($0).contains { $0.request.flags.contains(.extraInfo) } } >= 1000)
    #expect(count { slots($0).contains { $0.grant == .unknown || $0.grant == .revoked } } >= 100)
    #expect(count { slots($0).contains { $0.grant != nil && $0.request.size == 0 } } >= 50)
    #expect(count { $0.start.map { $0.rawValue >= 0xffff_ff00 } ?? false } >= 100)
  }
}
