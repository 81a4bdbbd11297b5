import Netif
import RingCases
import Testing

/// A comparison that finds nothing must be able to.
@Suite struct `The comparison of answers` {
  static let ofTx: [Alteration<CaseAnswer>] = [
    Alteration("another status of the first answer") {
      $0.slots.changeFirst { $0.status = .dropped }
    },
    Alteration("another status of the last answer") {
      $0.slots.changeLast { $0.status = .dropped }
    },
    Alteration("a NULL more") { $0.slots.changeLast { $0.nulls += 1 } },
    Alteration("another request answered") { $0.slots.changeFirst { $0.id ^= 0x4000 } },
    Alteration("an answer less") { _ = $0.slots.popLast() },
    Alteration("an answer twice") { $0.slots += $0.slots.suffix(1) },
    Alteration("another frame") { $0.frames.changeFirst { $0.checksum ^= 1 } },
    Alteration("a frame cut") { $0.frames.changeFirst { $0.length -= 1 } },
    Alteration("a frame less") { _ = $0.frames.popLast() },
    Alteration("frames the other way round") { $0.frames.reverse() },
    Alteration("the vif's state") { $0.isDisabled.toggle() },
    Alteration("a request written to") { $0.touchesRequests.toggle() },
    Alteration("other times") { $0.answeredAtPauses.changeFirst { $0 += 1 } },
  ]

  @Test(arguments: ofTx)
  func `an altered answer is told from the stored one in every TX case`(
    _ alteration: Alteration<CaseAnswer>
  ) throws { try alteration.expectTold(in: StoredAnswers.tx) }

  static let ofControl: [Alteration<ControlAnswer>] = [
    Alteration("another status of the first answer") {
      $0.responses.changeFirst { $0.status ^= 3 }
    },
    Alteration("another status of the last answer") { $0.responses.changeLast { $0.status ^= 3 } },
    Alteration("another id") { $0.responses.changeLast { $0.id ^= 1 } },
    Alteration("another type") { $0.responses.changeLast { $0.type ^= 1 } },
    Alteration("other data") { $0.responses.changeLast { $0.data ^= 1 } },
    Alteration("an answer less") { _ = $0.responses.popLast() },
    Alteration("answers the other way round") { $0.responses.reverse() },
    Alteration("another producer") { $0.published += 1 },
    Alteration("the vif's state") { $0.isDisabled.toggle() },
  ]

  @Test(arguments: ofControl)
  func `an altered answer is told from the stored one in every control case`(
    _ alteration: Alteration<ControlAnswer>
  ) throws { try alteration.expectTold(in: StoredAnswers.control) }

  static let ofRx: [Alteration<RxAnswer>] = [
    Alteration("another status") {
      $0.changeLastData { response, _ in response.status = .dropped }
    },
    Alteration("another id") { $0.changeLastData { response, _ in response.id ^= 1 } },
    Alteration("another offset") { $0.changeLastData { response, _ in response.offset += 1 } },
    Alteration("other flags") {
      $0.changeLastData { response, _ in response.flags.formSymmetricDifference(.dataValidated) }
    },
    Alteration("another page") { $0.changeLastData { _, page in page = page.map { $0 ^ 1 } } },
    Alteration("another extra info") { answer in
      answer.changeLast {
        if case .extra(let low, let high) = $0 { .extra(low, high ^ 1) } else { $0 }
      }
    },
    Alteration("an answer less") { _ = $0.queues[0].popLast() },
    Alteration("an answer on another queue") { answer in
      guard answer.queues.count > 1, let last = answer.queues[0].popLast() else { return }
      answer.queues[1].append(last)
    },
    Alteration("answers the other way round") { $0.queues[0].reverse() },
    Alteration("other times") { $0.answeredAfterSteps.changeFirst { $0 += 1 } },
    Alteration("the vif's state") { $0.isDisabled.toggle() },
    Alteration("a page written to") { $0.touchesPages.toggle() },
  ]

  @Test(arguments: ofRx)
  func `an altered answer is told from the stored one in every RX case`(
    _ alteration: Alteration<RxAnswer>
  ) throws { try alteration.expectTold(in: StoredAnswers.rx) }

  @Test func `a case that was not answered is one that differs`() throws {
    let cases = StoredAnswers.tx.cases
    let agreement = AnswerAgreement(try StoredAnswers.tx.answers(), AnswerFile(), on: cases)
    #expect(agreement.differing.count == cases.count)
    #expect(agreement.differing.allSatisfy { $0.what == [.missing] })
  }
}

extension Array {
  fileprivate mutating func changeFirst(_ change: (inout Element) -> Void) {
    if !isEmpty { change(&self[0]) }
  }

  fileprivate mutating func changeLast(_ change: (inout Element) -> Void) {
    if !isEmpty { change(&self[count - 1]) }
  }
}

extension RxAnswer {
  fileprivate mutating func changeLast(_ change: (RxAnsweredSlot) -> RxAnsweredSlot) {
    for queue in queues.indices {
      for place in queues[queue].indices.reversed() {
        let changed = change(queues[queue][place])
        guard changed != queues[queue][place] else { continue }
        queues[queue][place] = changed
        return
      }
    }
  }

  fileprivate mutating func changeLastData(_ change: (inout RxResponse, inout UInt32?) -> Void) {
    changeLast { slot in
      guard case .data(var response, var page) = slot else { return slot }
      change(&response, &page)
      return .data(response, page: page)
    }
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

  @Test func `slots answered in another order are answered alike where the order is the backend's`()
  {
    var answer = CaseAnswer()
    answer.slots = [
      AnsweredSlot(id: 0, status: .error), AnsweredSlot(id: 0, status: .okay),
      AnsweredSlot(id: 1, status: .okay, nulls: 1),
    ]
    var other = answer
    other.slots.reverse()
    #expect(other.bySlot() == answer.bySlot())
    other.slots[0].nulls = 0
    #expect(other.bySlot() != answer.bySlot())
  }

  @Test func `releases keep their order, and so do the answers of a poll`() {
    #expect(differences(0, 2, 4, 3, 1) == [.released])
    #expect(differences(2, 0, 4, 1, 3) == [.polled])
    #expect(differences(0, 4, 2, 1, 3) == [.polled])
  }
}
