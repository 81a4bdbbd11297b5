internal import XenInterface
internal import XenRing

extension TraceModel {
  // MARK: - Copies out of the guest: slot after slot, up to a limit per packet

  @inline(__always) mutating func copyFromGuest<C: FieldCoder & ~Copyable>(
    _ coder: inout C, _ actual: TraceEvent.GrantOperand, _ status: GrantStatus
  ) throws(Corruption) -> TraceEvent.Body {
    coder.begin(.copyFromGuest)
    var slot = nextCopySlot()
    let ahead: UInt32 = C.writes ? distance(to: actual.grant.rawValue, in: .txWord0, from: slot) : 0
    slot &+= try coder.code(0, ahead, predicted: 0)
    let grant = try coder.code(1, actual.grant.rawValue, predicted: self[.txWord0, slot])
    let copied = self[.txCopied, slot]
    let start = (self[.txWord1, slot] & 0xffff) &+ copied
    let offset = try coder.code(
      2, actual.offset, predicted: UInt16(truncatingIfNeeded: start))
    let rest = self[.txLength, slot] &- min(copied, self[.txLength, slot])
    if self[.txKind, slot] == TxSlotKind.first.rawValue && copied == 0 { self[.copyDone] = 0 }
    let limit =
      (0xffff &- self[.copyLimitLess]) &- min(self[.copyDone], 0xffff &- self[.copyLimitLess])
    let foreseen = min(limit, rest)
    let length = try coder.code(
      3, actual.length, predicted: UInt16(truncatingIfNeeded: foreseen))
    let (answer, captured) = try copyTail(&coder, status, actual.captured)
    self[.copySlot] = slot
    self[.copyDone] &+= UInt32(length)
    self[.txCopied, slot] = copied &+ UInt32(length)
    if UInt32(length) < rest {
      self[.copyLimitLess] = 0xffff &- min(self[.copyDone], 0xffff)
    } else if UInt32(length) > foreseen {
      self[.copyLimitLess] = 0
    }
    queueOperand(grant, offset, length)
    return .grantCopy(
      TraceEvent.GrantOperand(
        grant: GrantReference(rawValue: grant), offset: offset, length: length,
        captured: captured),
      direction: .fromGuest, status: answer)
  }

  /// The next slot with something to copy: a further one while the limit allows, else a first one.
  private func nextCopySlot() -> UInt32 {
    let end = self[.slotNext, 0]
    var slot = self[.copySlot] &+ 1
    let isOpen = self[.copyDone] < 0xffff &- self[.copyLimitLess]
    for _ in 0..<32 {
      let kind = self[.txKind, slot]
      if slot == end || kind == TxSlotKind.first.rawValue { return slot }
      if isOpen && kind == TxSlotKind.further.rawValue { return slot }
      slot &+= 1
    }
    return slot
  }

  // MARK: - Copies into the guest: frames as they were taken, page after page

  @inline(__always) mutating func copyToGuest<C: FieldCoder & ~Copyable>(
    _ coder: inout C, _ actual: TraceEvent.GrantOperand, _ status: GrantStatus
  ) throws(Corruption) -> TraceEvent.Body {
    coder.begin(.copyToGuest)
    var slot = nextFillSlot()
    let ahead: UInt32 = C.writes ? distance(to: actual.grant.rawValue, in: .rxGrant, from: slot) : 0
    slot &+= try coder.code(0, ahead, predicted: 0)
    let grant = try coder.code(1, actual.grant.rawValue, predicted: self[.rxGrant, slot])
    let filled = self[.rxFilled, slot]
    let offset = try coder.code(
      2, actual.offset, predicted: UInt16(truncatingIfNeeded: filled))
    let left = self[.rxFrameLeft]
    let foreseen = left == 0 ? self[.rxCopyLength] : min(left, 4096 &- min(filled, 4095))
    let length = try coder.code(
      3, actual.length, predicted: UInt16(truncatingIfNeeded: foreseen))
    let (answer, captured) = try copyTail(&coder, status, actual.captured)
    self[.rxCopySlot] = slot
    self[.rxCopyLength] = UInt32(length)
    self[.rxFrameLeft] = left > UInt32(length) ? left - UInt32(length) : 0
    self[.rxFilled, slot] = filled &+ UInt32(length)
    return .grantCopy(
      TraceEvent.GrantOperand(
        grant: GrantReference(rawValue: grant), offset: offset, length: length,
        captured: captured),
      direction: .toGuest, status: answer)
  }

  /// The page being filled while it has room and the frame has more, else the next one. A frame's
  /// extra infos take the pages behind its first.
  private mutating func nextFillSlot() -> UInt32 {
    let slot = self[.rxCopySlot]
    if self[.rxFrameLeft] > 0 {
      if self[.rxFilled, slot] < 4096 { return slot }
      let skip = self[.rxSkip]
      self[.rxSkip] = 0
      return slot &+ 1 &+ skip
    }
    let skip = self[.rxSkip]
    self[.rxSkip] = 0
    let head = self[.takenHead]
    guard head != self[.takenTail] else { return slot &+ 1 &+ skip }
    self[.takenHead] = head &+ 1
    self[.rxFrameLeft] = self[.takenFrames, head] & 0xff_ffff
    self[.rxSkip] = self[.takenFrames, head] >> 24
    return slot &+ 1 &+ skip
  }

  @inline(__always) private mutating func copyTail<C: FieldCoder & ~Copyable>(
    _ coder: inout C, _ status: GrantStatus, _ captured: UInt16
  ) throws(Corruption) -> (GrantStatus, UInt16) {
    let answer = try coder.code(4, UInt16(bitPattern: status.rawValue), predicted: 0)
    let kept = try coder.code(5, captured, predicted: 0)
    return (GrantStatus(rawValue: Int16(bitPattern: answer)), kept)
  }

  // MARK: - Mappings

  @inline(__always) mutating func grantMap<C: FieldCoder & ~Copyable>(
    _ coder: inout C, _ actual: UInt32, readOnly: Bool, handle: UInt32, _ status: GrantStatus
  ) throws(Corruption) -> TraceEvent.Body {
    coder.begin(.grantMap)
    var slot = nextMapSlot()
    let ahead: UInt32 = C.writes ? distance(to: actual, in: .txWord0, from: slot) : 0
    slot &+= try coder.code(0, ahead, predicted: 0)
    let grant = try coder.code(1, actual, predicted: self[.txWord0, slot])
    let access = try coder.code(
      2, readOnly ? 1 : 0, predicted: self[.mapReadOnly], below: 2)
    let page = try recycled(.handle, &coder, 3, handle)
    let answer = try coder.code(5, UInt16(bitPattern: status.rawValue), predicted: 0)
    self[.mapSlot] = slot
    self[.mapReadOnly] = access
    let copied = self[.txCopied, slot]
    let length = self[.txLength, slot]
    queueOperand(
      grant, UInt16(truncatingIfNeeded: self[.txWord1, slot] &+ copied),
      UInt16(truncatingIfNeeded: length > copied ? length - copied : 0))
    let tail = self[.mappedTail]
    self[.mappedTail] = tail &+ 1
    self[.mappedGrant, tail] = grant
    self[.mappedHandle, tail] = page
    return .grantMap(
      GrantReference(rawValue: grant), readOnly: access != 0, handle: page,
      status: GrantStatus(rawValue: Int16(bitPattern: answer)))
  }

  /// The next data slot that copies left something of.
  private func nextMapSlot() -> UInt32 {
    let end = self[.slotNext, 0]
    var slot = self[.mapSlot] &+ 1
    for _ in 0..<64 {
      if slot == end || self[.txCopied, slot] < self[.txLength, slot] { return slot }
      slot &+= 1
    }
    return slot
  }

  @inline(__always) mutating func grantUnmap<C: FieldCoder & ~Copyable>(
    _ coder: inout C, _ actual: UInt32, handle: UInt32, _ status: GrantStatus
  ) throws(Corruption) -> TraceEvent.Body {
    coder.begin(.grantUnmap)
    var place = self[.mappedHead]
    let ahead: UInt32 = C.writes ? distance(to: actual, in: .mappedGrant, from: place) : 0
    place &+= try coder.code(0, ahead, predicted: 0)
    let grant = try coder.code(1, actual, predicted: self[.mappedGrant, place])
    let page = try coder.code(2, handle, predicted: self[.mappedHandle, place])
    let answer = try coder.code(3, UInt16(bitPattern: status.rawValue), predicted: 0)
    self[.mappedHead] = place &+ 1
    recycle(page, in: .handle)
    return .grantUnmap(
      GrantReference(rawValue: grant), handle: page,
      status: GrantStatus(rawValue: Int16(bitPattern: answer)))
  }

  // MARK: - Guest memory: what was copied and mapped, in that order

  @inline(__always) mutating func memory<C: FieldCoder & ~Copyable>(
    _ coder: inout C, _ actual: TraceEvent.GrantOperand
  ) throws(Corruption) -> TraceEvent.Body {
    coder.begin(.memory)
    var place = self[.operandHead]
    let ahead: UInt32 =
      C.writes ? distance(to: actual.grant.rawValue, in: .operandGrant, from: place) : 0
    place &+= try coder.code(0, ahead, predicted: 0)
    let grant = try coder.code(1, actual.grant.rawValue, predicted: self[.operandGrant, place])
    let range = self[.operandRange, place]
    let offset = try coder.code(
      2, actual.offset, predicted: UInt16(truncatingIfNeeded: range))
    let length = try coder.code(
      3, actual.length, predicted: UInt16(truncatingIfNeeded: range >> 16))
    let limit = 0xffff &- self[.memoryLimitLess]
    let captured = try coder.code(
      4, actual.captured, predicted: UInt16(truncatingIfNeeded: min(UInt32(length), limit)))
    self[.operandHead] = place &+ 1
    if captured < length {
      self[.memoryLimitLess] = 0xffff - UInt32(captured)
    } else if UInt32(captured) > limit {
      self[.memoryLimitLess] = 0
    }
    return .memory(
      TraceEvent.GrantOperand(
        grant: GrantReference(rawValue: grant), offset: offset, length: length,
        captured: captured))
  }

  private mutating func queueOperand(_ grant: UInt32, _ offset: UInt16, _ length: UInt16) {
    let tail = self[.operandTail]
    self[.operandTail] = tail &+ 1
    self[.operandGrant, tail] = grant
    self[.operandRange, tail] = UInt32(offset) | UInt32(length) << 16
  }

  /// How far from `start` a word stands in a table; 0, and a wrong guess, when it is not near.
  @inline(__always) private func distance(
    to word: UInt32, in table: Table, from start: UInt32
  ) -> UInt32 {
    self[table, start] == word ? 0 : searchedDistance(to: word, in: table, from: start)
  }

  @inline(never) private func searchedDistance(
    to word: UInt32, in table: Table, from start: UInt32
  ) -> UInt32 {
    for ahead in UInt32(1)..<64 where self[table, start &+ ahead] == word { return ahead }
    return 0
  }
}
