import FaultyTwins
import Fuzzer
import Netif
import RingCases
import Testing

/// Cells of the rule matrix, played as scenarios.
@Suite struct `Cells as scenarios` {
  private static let sample = MatrixRule.allCases.map { ($0, MatrixCell.sample(of: $0)) }

  /// The rules of which a netback fails a cell.
  private func failed(_ seam: ScenarioSeam, by profile: RuleProfile = .linux) -> Set<MatrixRule> {
    let failed = Self.sample.filter { _, cells in
      cells.contains { ScenarioPlayer.failure(of: Scenario($0, by: profile), seam) != nil }
    }
    return Set(failed.map(\.0))
  }

  @Test(arguments: [RuleProfile.linux, .netif])
  func `are answered as the model says, step by step`(_ profile: RuleProfile) {
    #expect(failed(ScenarioSeam(), by: profile) == [])
  }

  /// What is about packets of any shape shows in any cell.
  private static let everywhere: Set<String> = ["xsa-155-double-fetch", "xsa-216-padding"]

  /// The rules that an old fault took away, or a part of.
  private static let own: [String: Set<MatrixRule>] = [
    "xsa-039-producer": [.producer],
    "xsa-039-missing-slot": [.missingExtra, .missingSlot],
    "xsa-090-goes-on": [.pageCrossing, .pageEnd, .gsoSize, .gsoType],
    "xsa-367-unchecked-status": [.grant],
    "xsa-039-leaked-pages": [.grant],
    "xsa-367-failed-batch": [.grant],
    // It takes the linear area from the first slot alone: what others bring to it is never there.
    "xsa-423-split-headers": [
      .grant, .pageEnd, .sizeSum, .emptySlot, .linearArea, .minimumSize,
    ],
    "xsa-432-wrapped-count": [.linearArea],
    "xsa-448-empty-slots": [.emptySlot, .sizeSum, .pageEnd, .missingSlot],
  ]

  @Test(arguments: FaultyTwin.ofRings)
  func `are failed by a faulty twin in its own rule alone`(_ twin: FaultyTwin) {
    let failed = failed(twin.seam)
    guard !Self.everywhere.contains(twin.name) else {
      return #expect(failed == Set(MatrixRule.allCases))
    }
    #expect(failed == Self.own[twin.name, default: []])
  }
}
