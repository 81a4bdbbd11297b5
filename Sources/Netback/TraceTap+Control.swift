public import Netif
import TraceFormat
public import XenInterface
public import XenRing

// The control ring is the vif's own: its events are of queue 0. All that a poll of it does stands
// between its begin and its end, copies and octets too, so nothing of it is mistaken for a queue's.

extension TraceTap {
  /// See `NetbackTap`.
  public func controlPollBegan(claimed: RingIndex, messages: UInt32, now: MonotonicInstant) {
    advance(to: now)
    emit(0, .pollBegin(ring: .control, budget: messages))
    emitProducer(0, .control, claimed)
  }

  /// See `NetbackTap`.
  public func controlTaken(_ request: ControlRequest, at index: RingIndex) {
    emit(0, .slot(ring: .control, index: index, TraceEvent.Words(request.words)))
  }

  /// What a message points at is no packet's data: it is kept whole.
  public func controlCopied(_ operation: GrantCopy, buffer: RawSpan) {
    emitCopy(0, operation, .fromGuest)
    guard operation.status == .okay else { return }
    let operand = TraceEvent.GrantOperand(
      grant: operation.grant, offset: operation.pageOffset, length: operation.length,
      captured: operation.length)
    emit(0, .memory(operand), buffer.extracting(first: Int(operation.length)))
  }

  /// See `NetbackTap`.
  public func controlWritten(_ operation: GrantCopy) { emitCopy(0, operation, .toGuest) }

  /// See `NetbackTap`.
  public func controlAnswered(_ response: ControlResponse, push: RingPush) {
    emitEvent(0, .control, push.event)
    let words = response.words
    emit(
      0, .controlResponse(index: push.first, word0: words[0], word1: words[1], word2: words[2]))
    emitEnd(0, .control, push)
  }

  /// See `NetbackTap`.
  public func controlPollEnded(
    consumer: RingIndex, producer: RingIndex, messages: Int, armed: RingIndex?
  ) {
    if let armed { emit(0, .eventIndex(ring: .control, by: .backend, index: armed)) }
    emit(
      0,
      .pollEnd(
        ring: .control, consumer: consumer, producer: producer,
        packets: UInt32(clamping: messages)))
  }
}
