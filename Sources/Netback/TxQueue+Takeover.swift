import Netif
import XenRing

extension TxQueue where Memory: ~Copyable {
  /// Passes over packets that a backend before has delivered and answered without publishing it, and
  /// publishes their answers.
  ///
  /// An answer stands in the place of the request's grant reference. Taken for a reference it would
  /// name another page of the guest's, and that page would be sent. Answers are written in the order
  /// of the ring, so the first packet that has none ends the search. A reference that happens to look
  /// like its own answer costs a packet: it counts as delivered.
  ///
  /// - Precondition: nothing was polled yet.
  /// - Returns: slots passed over.
  func passOverAnswered() -> Int {
    let claimed = ring.loadRequestProducer()
    let available = Int(min(claimed.distance(from: ring.requestConsumer), ring.capacity))
    var walker = TxSlotWalker()
    var answers: [TxResponse?] = []
    var whole = 0
    for ahead in 0..<available {
      let words = ring.peekWords(at: ring.requestConsumer.advanced(by: UInt32(ahead)))
      let kind = walker.take(words)
      if kind == .head {
        whole = ahead
        guard isAnswered(words) else { break }
      }
      let status = isAnswered(words) ? TxResponse(words: words).status : .okay
      answers.append(
        kind == .extra ? nil : TxResponse(id: TxRequest(words: words).id, status: status))
      if walker.isAtHead { whole = ahead + 1 }
    }
    publish(answers.prefix(whole))
    return whole
  }

  private func isAnswered(_ words: SlotWords) -> Bool {
    let response = TxResponse(words: words)
    return response.id == TxRequest(words: words).id
      && (response.status == .okay || response.status == .error)
  }

  private func publish(_ answers: ArraySlice<TxResponse?>) {
    guard !answers.isEmpty else { return }
    for answer in answers {
      _ = ring.takeWords()
      if let answer { ring.respond(answer) } else { ring.respondToExtra() }
    }
    pipeline.intake.pass(slots: answers.count)
    // The frontend is told once, when all is connected.
    _ = ring.pushResponses()
  }
}
