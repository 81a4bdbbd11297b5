import RingCases
import Testing

/// The cases that `Lab/jobs/differential.sh` has put to the kernel's netback, put to ours on the
/// simulation.
@Suite struct `Our netback beside Linux's` {
  private static let shards = 16

  @Test func `the stored cases are answered as Linux answered them`() async throws {
    let (cases, stored) = (Stored.cases, try Stored.answers())
    let played = try await withThrowingTaskGroup(of: AnswerFile.self) { group in
      for shard in 0..<Self.shards {
        group.addTask {
          try .simulated(stride(from: shard, to: cases.count, by: Self.shards).map { cases[$0] })
        }
      }
      return try await group.reduce(into: AnswerFile()) { $0.add($1) }
    }
    let agreement = AnswerAgreement(stored, played, on: cases)
    for difference in agreement.differing {
      Issue.record(
        """
        \(difference.name): \(difference.what.map(\.description).joined(separator: "; "))
        Linux: \(stored.answers(to: difference.name).map(\.line))
        ours: \(played.answers(to: difference.name).map(\.line))
        """)
    }
    let itself = stored.head.first { $0.key == "with itself" }?.value ?? "not known"
    print("check: Linux's netback and ours: \(agreement); Linux's with itself: \(itself)")
  }

  @Test func `every case has an answer, and every answer a case`() throws {
    let names = Stored.cases.map(\.name)
    #expect(Set(names).count == names.count)
    #expect(try Stored.answers().names == names)
  }

  @Test func `answers are read back as written`() throws {
    let stored = try Stored.answers()
    #expect(try AnswerFile(text: stored.text).text == stored.text)
  }

  @Test func `a case has the same answer each time`() throws {
    let all = Stored.cases
    let cases = stride(from: 0, to: all.count, by: 100).map { all[$0] }
    #expect(try AnswerFile.simulated(cases).text == AnswerFile.simulated(cases).text)
  }
}
