internal import Netif
internal import XenRing

extension TraceModel {
  mutating func release<C: FieldCoder & ~Copyable>(
    _ coder: inout C, _ actual: UInt32
  ) throws(Corruption) -> TraceEvent.Body {
    coder.begin(.release)
    let index = try coder.code(0, actual, predicted: self[.releaseNext])
    self[.releaseNext] = index &+ 1
    return .release(index: RingIndex(rawValue: index))
  }

  /// Answers stand in ring order and mostly answer in request order.
  @inline(__always) mutating func txResponse<C: FieldCoder & ~Copyable>(
    _ coder: inout C, _ place: UInt32, request: UInt32, id: UInt16, _ status: NetifStatus
  ) throws(Corruption) -> TraceEvent.Body {
    coder.begin(.txResponse)
    let index = try coder.code(0, place, predicted: self[.responseNext, 0])
    let answered = try coder.code(1, request, predicted: self[.answerNext])
    let isExtra = self[.txKind, answered] == TxSlotKind.extra.rawValue
    let expected = isExtra ? self[.txWord0, answered] : self[.txWord2, answered]
    let name = try coder.code(2, id, predicted: UInt16(truncatingIfNeeded: expected))
    let outcome = try coder.code(
      3, UInt16(bitPattern: status.rawValue), predicted: isExtra ? 1 : 0)
    self[.responseNext, 0] = index &+ 1
    self[.answerNext] = answered &+ 1
    if !isExtra { recycle(UInt32(name), in: .txId) }
    return .txResponse(
      index: RingIndex(rawValue: index), request: RingIndex(rawValue: answered), id: name,
      status: NetifStatus(rawValue: Int16(bitPattern: outcome)))
  }

  /// An answer carries its slot's id and what was copied there, or is an extra info.
  @inline(__always) mutating func rxResponse<C: FieldCoder & ~Copyable>(
    _ coder: inout C, _ place: UInt32, _ word0: UInt32, _ word1: UInt32
  ) throws(Corruption) -> TraceEvent.Body {
    coder.begin(.rxResponse)
    let index = try coder.code(0, place, predicted: self[.responseNext, 1])
    self[.responseNext, 1] = index &+ 1
    recycle(self[.rxGrant, index], in: .rxGrant)
    if self[.rxAnswerExtra] != 0 {
      let w0 = try coder.code(5, word0, predicted: self[.rxLastExtra0])
      let w1 = try coder.code(6, word1, predicted: self[.rxLastExtra1])
      self[.rxLastExtra0] = w0
      self[.rxLastExtra1] = w1
      self[.rxAnswerExtra] = w0 >> 8 & 1
      return .rxResponse(index: RingIndex(rawValue: index), word0: w0, word1: w1)
    }
    let further = self[.rxAnswerMore]
    let id = try coder.code(
      1, UInt16(truncatingIfNeeded: word0),
      predicted: UInt16(truncatingIfNeeded: self[.rxWord0, index]))
    let offset = try coder.code(
      2, UInt16(truncatingIfNeeded: word0 >> 16),
      predicted: UInt16(truncatingIfNeeded: self[.rxAnswerOffset]))
    let outcome = try coder.code(
      3, UInt16(truncatingIfNeeded: word1 >> 16),
      predicted: UInt16(truncatingIfNeeded: self[.rxFilled, index]))
    let flags = try coder.code(
      4, UInt16(truncatingIfNeeded: word1),
      predicted: UInt16(truncatingIfNeeded: self[.rxFlags, further]))
    self[.rxAnswerOffset] = UInt32(offset)
    self[.rxFlags, further] = UInt32(flags)
    self[.rxAnswerMore] = UInt32(flags >> 2 & 1)
    if further == 0 { self[.rxAnswerExtra] = UInt32(flags >> 3 & 1) }
    return .rxResponse(
      index: RingIndex(rawValue: index), word0: UInt32(id) | UInt32(offset) << 16,
      word1: UInt32(flags) | UInt32(outcome) << 16)
  }

  mutating func controlResponse<C: FieldCoder & ~Copyable>(
    _ coder: inout C, _ place: UInt32, _ word0: UInt32, _ word1: UInt32, _ word2: UInt32
  ) throws(Corruption) -> TraceEvent.Body {
    coder.begin(.controlResponse)
    let index = try coder.code(0, place, predicted: self[.responseNext, 2])
    let w0 = try coder.code(1, word0, predicted: self[.controlId, index])
    let w1 = try coder.code(2, word1, predicted: self[.controlAnswer, 0])
    let w2 = try coder.code(3, word2, predicted: self[.controlAnswer, 1])
    self[.responseNext, 2] = index &+ 1
    self[.controlAnswer, 0] = w1
    self[.controlAnswer, 1] = w2
    return .controlResponse(
      index: RingIndex(rawValue: index), word0: w0, word1: w1, word2: w2)
  }
}
