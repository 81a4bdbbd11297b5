import Netif
import RingCases
import Testing

/// A comparison that finds nothing must be able to.
@Suite struct `The comparison of answers` {
  /// An alteration of an answer; `nil` where the answer has nothing of the kind.
  private typealias Alteration = @Sendable (CaseAnswer) -> CaseAnswer?

  private static let alterations: [(name: String, change: Alteration)] = [
    ("another status of the first answer", { changingSlot($0, at: 0) { $0.status = .dropped } }),
    ("another status of the last answer", { changingSlot($0, at: -1) { $0.status = .dropped } }),
    ("a NULL more", { changingSlot($0, at: -1) { $0.nulls += 1 } }),
    ("another request answered", { changingSlot($0, at: 0) { $0.id ^= 0x4000 } }),
    ("an answer less", { changing($0) { _ = $0.slots.popLast() } }),
    ("an answer twice", { changing($0) { $0.slots += $0.slots.suffix(1) } }),
    (
      "another frame",
      { changing($0) { if !$0.frames.isEmpty { $0.frames[0].checksum ^= 1 } } }
    ),
    ("a frame cut", { changing($0) { if !$0.frames.isEmpty { $0.frames[0].length -= 1 } } }),
    ("a frame less", { changing($0) { _ = $0.frames.popLast() } }),
    ("frames the other way round", { changing($0) { $0.frames.reverse() } }),
    ("the vif's state", { changing($0) { $0.isDisabled.toggle() } }),
    ("a request written to", { changing($0) { $0.touchesRequests.toggle() } }),
    (
      "other times",
      { changing($0) { if !$0.answeredAtPauses.isEmpty { $0.answeredAtPauses[0] += 1 } } }
    ),
  ]

  @Test(arguments: alterations.indices)
  func `an altered answer is told from the stored one in every case`(_ number: Int) throws {
    let alteration = Self.alterations[number]
    let stored = try Stored.answers()
    var told = 0
    for asked in Stored.cases {
      let answers = stored.answers(to: asked.name)
      guard let answer = answers.first, let altered = alteration.change(answer) else { continue }
      let missed = answers.contains { $0.differences(from: altered, in: asked).isEmpty }
      #expect(!missed, "\(asked.name): \(alteration.name)")
      told += 1
    }
    #expect(told >= 5, "\(alteration.name) was tried \(told) times")
  }

  @Test func `a case that was not answered is one that differs`() throws {
    let cases = Stored.cases
    let agreement = AnswerAgreement(try Stored.answers(), AnswerFile(), on: cases)
    #expect(agreement.differing.count == cases.count)
    #expect(agreement.differing.allSatisfy { $0.what == [.missing] })
  }

  private static func changing(
    _ answer: CaseAnswer, _ change: (inout CaseAnswer) -> Void
  ) -> CaseAnswer? {
    var altered = answer
    change(&altered)
    return altered == answer ? nil : altered
  }

  private static func changingSlot(
    _ answer: CaseAnswer, at place: Int, _ change: (inout AnsweredSlot) -> Void
  ) -> CaseAnswer? {
    guard !answer.slots.isEmpty else { return nil }
    return changing(answer) { change(&$0.slots[place < 0 ? $0.slots.count + place : place]) }
  }
}

/// A copied packet of one slot, a mapped one, a partly copied one of two, a copied one.
@Suite struct `The order of answers` {
  private let asked = TxCase(
    "order",
    [
      .publish(
        [
          CaseSlot(.page(0), size: 60), CaseSlot(.page(1), size: 600),
          CaseSlot(.page(2), size: 200, flags: .moreData), CaseSlot(.page(3), size: 150),
          CaseSlot(.page(4), size: 60),
        ], beyond: 0)
    ])

  private func answer(_ ids: UInt16...) -> CaseAnswer {
    var answer = CaseAnswer()
    answer.slots = ids.map { AnsweredSlot(id: $0, status: .okay) }
    return answer
  }

  private func differences(_ ids: UInt16...) -> [AnswerDifference] {
    var other = answer()
    other.slots = ids.map { AnsweredSlot(id: $0, status: .okay) }
    return answer(0, 2, 4, 1, 3).differences(from: other, in: asked)
  }

  @Test func `a release may be answered when its packet has been, or later`() {
    #expect(differences(0, 2, 4, 1, 3).isEmpty)
    #expect(differences(0, 1, 2, 3, 4).isEmpty)
    #expect(differences(0, 2, 1, 3, 4).isEmpty)
  }

  @Test func `a release is not answered ahead of its packet or an earlier one`() {
    #expect(differences(1, 0, 2, 3, 4) == [.releasedEarly])
    #expect(differences(0, 1, 3, 2, 4) == [.releasedEarly])
  }

  @Test func `releases keep their order, and so do the answers of a poll`() {
    #expect(differences(0, 2, 4, 3, 1) == [.released])
    #expect(differences(2, 0, 4, 1, 3) == [.polled])
    #expect(differences(0, 4, 2, 1, 3) == [.polled])
  }
}
