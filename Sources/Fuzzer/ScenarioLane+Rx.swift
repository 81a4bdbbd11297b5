import Netif
import TraceFormat
import XenInterface
import XenRing

extension ScenarioLane {
  /// Takes an event of the RX ring; requests are offered once they were answered.
  mutating func take(rx body: TraceEvent.Body, at time: UInt64) {
    switch body {
    case .slot(_, let index, let words):
      flushRx()
      rx.note(index, words)
    case .grantCopy(let operand, _, let status): rxTurn.note(operand.grant, status)
    case .rxResponse(let index, _, _):
      if !hasAnswers { advance(to: time) }
      rx.answered = index.rawValue &+ 1
      hasAnswers = true
    case .eventIndex(_, _, let index): rx.listens = index.rawValue &- rx.answered
    case .responseProducer: flushRx()
    default: break
    }
  }

  /// Offers the requests of a batch that was answered.
  mutating func flushRx() {
    guard hasAnswers else { return }
    defer { (rxTurn, hasAnswers, waiting) = (LaneTurn(), false, 0) }
    var isOffered = false
    while rx.next != rx.answered, let words = rx.take() {
      let grant = draft.grant(words.w1, rxTurn.failures[words.w1], receives: true)
      draft.add(.offer(grant))
      isOffered = true
    }
    if rx.next != rx.answered { rx.skip(to: rx.answered) }
    guard isOffered else { return }
    if let ahead = rx.takeListens() { draft.add(.listen(.rx, ahead: ahead)) }
    draft.publish(.rx)
    rest()
  }
}
