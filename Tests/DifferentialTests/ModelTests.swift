import RingCases
import Testing

/// The model of the rules agrees with Linux by itself: nothing of our netback has a part in it.
@Suite struct `The model of the rules` {
  @Test func `answers the stored TX cases as Linux's netback did`() throws {
    let cases = StoredAnswers.tx.cases
    let agreement = AnswerAgreement(
      try StoredAnswers.tx.answers(), .modelled(cases), on: cases)
    let differing = agreement.differing.prefix(20).map { "\($0.name): \($0.what)" }
    #expect(differing.isEmpty, "\(agreement)")
    #expect(agreement.cases == 2672)
  }

  @Test func `answers the stored control cases as Linux's netback did`() throws {
    let cases = StoredAnswers.control.cases
    let agreement = AnswerAgreement(
      try StoredAnswers.control.answers(), .modelled(cases), on: cases)
    let differing = agreement.differing.prefix(20).map { "\($0.name): \($0.what)" }
    #expect(differing.isEmpty, "\(agreement)")
    #expect(agreement.cases == 917)
  }

  @Test func `answers the stored RX cases as Linux's netback did`() throws {
    let cases = StoredAnswers.rx.cases
    let agreement = AnswerAgreement(
      try StoredAnswers.rx.answers(), .modelled(cases), on: cases)
    let differing = agreement.differing.prefix(20).map { "\($0.name): \($0.what)" }
    #expect(differing.isEmpty, "\(agreement)")
    #expect(agreement.cases == 658)
  }
}
