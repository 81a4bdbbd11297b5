internal import XenRing

/// What a TX slot was taken for.
enum TxSlotKind: UInt32 {
  case none, first, further, extra
}

extension TraceModel {
  @inline(__always) mutating func txSlot<C: FieldCoder & ~Copyable>(
    _ coder: inout C, _ actual: UInt32, _ words: TraceEvent.Words
  ) throws(Corruption) -> TraceEvent.Body {
    coder.begin(.txSlot)
    let index = try coder.code(0, actual, predicted: self[.slotNext, 0])
    if self[.txStarted] == 0 { startTx(at: index) }
    self[.slotNext, 0] = index &+ 1
    self[.txCopied, index] = 0
    let words =
      self[.txExtra] != 0
      ? try txExtra(&coder, index, words) : try txRequest(&coder, index, words)
    self[.txWord0, index] = words.w0
    self[.txWord1, index] = words.w1
    self[.txWord2, index] = words.w2
    return .slot(ring: .tx, index: RingIndex(rawValue: index), words)
  }

  private mutating func startTx(at index: UInt32) {
    self[.txStarted] = 1
    self[.copySlot] = index &- 1
    self[.mapSlot] = index &- 1
    self[.deliveredLast] = index &- 1
    self[.releaseNext] = index
    self[.answerNext] = index
  }

  /// An extra info: as the last one; its third word is what the ring held there.
  private mutating func txExtra<C: FieldCoder & ~Copyable>(
    _ coder: inout C, _ index: UInt32, _ actual: TraceEvent.Words
  ) throws(Corruption) -> TraceEvent.Words {
    let w0 = try coder.code(1, actual.w0, predicted: self[.txLastExtra0])
    let w1 = try coder.code(2, actual.w1, predicted: self[.txLastExtra1])
    let w2 = try coder.code(3, actual.w2, predicted: self[.txWord2, index])
    self[.txLastExtra0] = w0
    self[.txLastExtra1] = w1
    self[.txExtra] = w0 >> 8 & 1
    self[.txKind, index] = TxSlotKind.extra.rawValue
    self[.txLength, index] = 0
    return TraceEvent.Words(w0, w1, w2)
  }

  @inline(__always) private mutating func txRequest<C: FieldCoder & ~Copyable>(
    _ coder: inout C, _ index: UInt32, _ actual: TraceEvent.Words
  ) throws(Corruption) -> TraceEvent.Words {
    let further = self[.txMore]
    let id = UInt16(
      truncatingIfNeeded: try recycled(.txId, &coder, 1, actual.w2 & 0xffff))
    let known = self[.grantOfId, UInt32(id)]
    let grant = try coder.code(
      3, actual.w0, predicted: known != 0 ? known : self[.txLastGrant] &+ 1)
    let offset = try coder.code(
      4, UInt16(truncatingIfNeeded: actual.w1),
      predicted: UInt16(truncatingIfNeeded: predictedOffset(id: id, further: further)))
    let size = try coder.code(
      5, UInt16(truncatingIfNeeded: actual.w2 >> 16),
      predicted: UInt16(truncatingIfNeeded: predictedSize(offset, further: further)))
    let flags = try coder.code(
      6, UInt16(truncatingIfNeeded: actual.w1 >> 16),
      predicted: predictedFlags(size, further: further))
    self[.grantOfId, UInt32(id)] = grant
    self[.txLastGrant] = grant
    learnRequest(index, further: further, offset: offset, size: size, flags: flags)
    return TraceEvent.Words(
      grant, UInt32(offset) | UInt32(flags) << 16, UInt32(id) | UInt32(size) << 16)
  }

  /// A further slot goes on behind the last one; a first slot starts where the id's last did.
  private func predictedOffset(id: UInt16, further: UInt32) -> UInt32 {
    self[.txNextOffset, further]
  }

  /// A further slot takes what is left of the packet, up to the end of its page.
  private func predictedSize(_ offset: UInt16, further: UInt32) -> UInt32 {
    let left = leftOfPacket
    guard further != 0, left > 0 else { return self[.txSize, further] }
    return min(4096 - UInt32(offset & 0xfff), left)
  }

  private func predictedFlags(_ size: UInt16, further: UInt32) -> UInt16 {
    guard further != 0 else { return UInt16(truncatingIfNeeded: self[.txFlags, 0]) }
    let more: UInt16 = leftOfPacket > UInt32(size) ? 4 : 0
    return UInt16(truncatingIfNeeded: self[.txFlags, 1]) & ~4 | more
  }

  /// Octets of the open packet that further slots still bring, if its first is as long as the last.
  private var leftOfPacket: UInt32 {
    let total = self[.txWord2, self[.txFirst]] >> 16
    let gone = self[.txSum] &+ self[.txHeader]
    return total > gone ? total - gone : 0
  }

  private mutating func learnRequest(
    _ index: UInt32, further: UInt32, offset: UInt16, size: UInt16, flags: UInt16
  ) {
    self[.txFlags, further] = UInt32(flags)
    self[.txSize, further] = UInt32(size)
    self[.txLength, index] = UInt32(size)
    self[.txNextOffset, further] =
      further == 0 ? UInt32(offset) : (UInt32(offset) + UInt32(size)) & 0xfff
    let more = UInt32(flags >> 2 & 1)
    if further == 0 {
      self[.txKind, index] = TxSlotKind.first.rawValue
      self[.txFirst] = index
      self[.txSum] = 0
      self[.txExtra] = UInt32(flags >> 3 & 1)
    } else {
      self[.txKind, index] = TxSlotKind.further.rawValue
      self[.txSum] &+= UInt32(size)
      let first = self[.txFirst]
      let length = self[.txLength, first]
      self[.txLength, first] = length > UInt32(size) ? length - UInt32(size) : 0
      if more == 0 { self[.txHeader] = self[.txLength, first] }
    }
    self[.txMore] = more
  }

  // MARK: - RX and control

  @inline(__always) mutating func rxSlot<C: FieldCoder & ~Copyable>(
    _ coder: inout C, _ actual: UInt32, _ words: TraceEvent.Words
  ) throws(Corruption) -> TraceEvent.Body {
    coder.begin(.rxSlot)
    let index = try coder.code(0, actual, predicted: self[.slotNext, 1])
    if self[.rxStarted] == 0 {
      self[.rxStarted] = 1
      self[.rxCopySlot] = index &- 1
      self[.responseNext, 1] = index
    }
    self[.slotNext, 1] = index &+ 1
    let known = self[.rxWord0, index]
    let w0 = try coder.code(
      1, words.w0, predicted: known != 0 ? known : self[.rxLastWord0] &+ 1)
    let grant = try recycled(.rxGrant, &coder, 2, words.w1)
    self[.rxLastWord0] = w0
    self[.rxWord0, index] = w0
    self[.rxGrant, index] = grant
    self[.rxFilled, index] = 0
    return .slot(ring: .rx, index: RingIndex(rawValue: index), TraceEvent.Words(w0, grant))
  }

  mutating func controlSlot<C: FieldCoder & ~Copyable>(
    _ coder: inout C, _ actual: UInt32, _ words: TraceEvent.Words
  ) throws(Corruption) -> TraceEvent.Body {
    coder.begin(.controlSlot)
    let index = try coder.code(0, actual, predicted: self[.slotNext, 2])
    self[.slotNext, 2] = index &+ 1
    let w0 = try coder.code(1, words.w0, predicted: self[.controlWords, 0] &+ 1)
    let w1 = try coder.code(2, words.w1, predicted: self[.controlWords, 1])
    let w2 = try coder.code(3, words.w2, predicted: self[.controlWords, 2])
    let w3 = try coder.code(4, words.w3, predicted: self[.controlWords, 3])
    self[.controlWords, 0] = w0
    self[.controlWords, 1] = w1
    self[.controlWords, 2] = w2
    self[.controlWords, 3] = w3
    self[.controlId, index] = w0
    return .slot(
      ring: .control, index: RingIndex(rawValue: index), TraceEvent.Words(w0, w1, w2, w3))
  }
}
