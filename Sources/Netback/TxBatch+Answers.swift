import Netif
import XenRing

extension TxBatch {
  /// Writes the answers that wait into a ring and publishes them; `nil` when there are none.
  mutating func writeAnswers<Memory: RingMemory & ~Copyable>(
    into ring: inout BackRing<Memory, TxRequest, TxResponse>
  ) -> RingPush? {
    guard !answers.isEmpty else { return nil }
    let push = ring.push(answers.span)
    answers.removeAll()
    return push
  }
}

extension BackRing where Memory: ~Copyable, Request == TxRequest, Response == TxResponse {
  /// Writes answers over the next slots and publishes them.
  fileprivate mutating func push(_ answers: Span<TxAnswer>) -> RingPush {
    let first = responseProducer
    for place in answers.indices {
      let answer = answers[place]
      respond(TxResponse(id: answer.id, status: answer.status))
      for _ in 0..<answer.extras { respondToExtra() }
    }
    let notification = pushResponses()
    return RingPush(
      first: first, end: responseProducer, event: responseEvent, notification: notification)
  }

  /// Fills an extra info's slot, whose status alone is written.
  mutating func respondToExtra() {
    let null = UInt16(bitPattern: NetifStatus.null.rawValue)
    respond(half: null, atOctet: TxResponse.statusOctet)
  }
}
