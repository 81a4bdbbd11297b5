import RingCases
import Testing

/// The model of the rules agrees with Linux by itself: nothing of our netback has a part in it.
@Suite struct `The model of the rules` {
  @Test func `answers the stored TX cases as Linux's netback did`() throws {
    try expectAgreement(on: StoredAnswers.tx, count: 2672)
  }

  @Test func `answers the stored control cases as Linux's netback did`() throws {
    try expectAgreement(on: StoredAnswers.control, count: 917)
  }

  @Test func `answers the stored RX cases as Linux's netback did`() throws {
    try expectAgreement(on: StoredAnswers.rx, count: 658)
  }

  private func expectAgreement<Asked: RingCase>(on set: Stored<Asked>, count: Int) throws {
    let agreement = AnswerAgreement(try set.answers(), .modelled(set.cases), on: set.cases)
    let differing = agreement.differing.prefix(20).map { "\($0.name): \($0.what)" }
    #expect(differing.isEmpty, "\(agreement)")
    #expect(agreement.cases == count)
  }
}
