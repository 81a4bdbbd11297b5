public import Netif
import TraceFormat
public import XenInterface
public import XenRing

extension TraceTap: NetbackTap {
  /// See `NetbackTap`.
  public func txPollBegan(queue: UInt16, claimed: RingIndex, budget: Int, now: MonotonicInstant) {
    advance(to: now)
    emit(queue, .pollBegin(ring: .tx, budget: UInt32(clamping: budget)))
    emitProducer(queue, .tx, claimed)
  }

  /// See `NetbackTap`.
  public func txFetched(queue: UInt16, first: RingIndex, slots: Span<SlotWords>) {
    emitSlots(queue, .tx, first, slots)
    setIdOctets(queue, from: first, slots)
  }

  /// See `NetbackTap`.
  public func txCopied(
    queue: UInt16, _ operations: Span<GrantCopy>, frames: Span<TxFrame>, buffer: RawSpan
  ) {
    var packet = 0
    for place in operations.indices {
      let operation = operations[place]
      emitCopy(queue, operation, .fromGuest)
      while packet + 1 < frames.count, operation.bufferOffset >= frames[packet + 1].start {
        packet += 1
      }
      guard operation.status == .okay, packet < frames.count else { continue }
      emitMemory(queue, operation, inPacketAt: frames[packet].start, buffer)
    }
  }

  private func emitMemory(
    _ queue: UInt16, _ operation: GrantCopy, inPacketAt start: UInt32, _ buffer: RawSpan
  ) {
    let position = Int(operation.bufferOffset) - Int(start)
    let count = captured(Int(operation.length), at: position)
    guard count > 0 else { return }
    let operand = TraceEvent.GrantOperand(
      grant: operation.grant, offset: operation.pageOffset, length: operation.length,
      captured: UInt16(count))
    let first = operation.bufferRange.lowerBound
    emit(queue, .memory(operand), buffer.extracting(first..<(first + count)))
  }

  /// See `NetbackTap`.
  public func txMapped(
    queue: UInt16, _ maps: Span<GrantMap>, firstHandle: UInt32, fragments: Span<FrameFragment>,
    position: UInt32
  ) {
    for place in maps.indices {
      let handle = firstHandle &+ UInt32(place)
      emit(
        queue,
        .grantMap(maps[place].grant, readOnly: true, handle: handle, status: maps[place].status))
    }
    var position = Int(position)
    for place in fragments.indices {
      emitMemory(queue, fragments[place], at: position)
      position += Int(fragments[place].map.length)
    }
  }

  private func emitMemory(_ queue: UInt16, _ fragment: FrameFragment, at position: Int) {
    let count = captured(Int(fragment.map.length), at: position)
    guard count > 0 else { return }
    let operand = TraceEvent.GrantOperand(
      grant: fragment.map.grant, offset: fragment.map.offset, length: fragment.map.length,
      captured: UInt16(count))
    var octets: [UInt8] = []
    guard let pages = fragment.mapping.map() else { return }
    octets.append(page: fragment.page, of: pages, at: Int(fragment.map.offset), count: count)
    emit(queue, .memory(operand), octets.span.octets)
  }

  /// See `NetbackTap`.
  public func txUnmapped(queue: UInt16, _ mapping: TxMapping) {
    for (page, grant) in mapping.grants.enumerated() {
      let handle = mapping.firstHandle &+ UInt32(page)
      emit(queue, .grantUnmap(grant, handle: handle, status: .okay))
    }
  }

  /// See `NetbackTap`.
  public func txDelivered(queue: UInt16, _ batch: FrameBatch) {
    var gathered: [UInt8] = []
    for place in batch.frames.indices {
      let frame = batch.frames[place]
      let count = captured(Int(frame.length), at: 0)
      let record = TraceEvent.FrameRecord(
        length: frame.length, captured: UInt32(count), offload: frame.offload)
      batch.withOctets(of: frame, gatheredIn: &gathered, touching: false) {
        emit(queue, .delivered(record, request: frame.head), $0.extracting(first: count))
      }
    }
  }

  /// See `NetbackTap`.
  public func txSettled(queue: UInt16, _ answers: Span<TxAnswer>) {
    receiver.settle(queue: queue, answers)
  }

  /// See `NetbackTap`.
  public func txReleased(queue: UInt16, _ slots: Span<TxAnswer>, now: MonotonicInstant) {
    advance(to: now)
    for place in slots.indices { emit(queue, .release(index: slots[place].request)) }
  }

  /// See `NetbackTap`.
  public func txAnswered(queue: UInt16, _ answers: Span<TxAnswer>, push: RingPush) {
    if say(queue, answers, push) {
      emit(queue, .eventIndex(ring: .tx, by: .frontend, index: push.event))
    }
    var index = push.first
    for place in answers.indices {
      let answer = answers[place]
      emitResponse(queue, &index, request: answer.request, answer.id, answer.status)
      for extra in 0..<UInt32(answer.extras) {
        let id = idOctets(queue, at: index)
        emitResponse(queue, &index, request: answer.request.advanced(by: extra + 1), id, .null)
      }
    }
    emitEnd(queue, .tx, push)
  }

  private func emitResponse(
    _ queue: UInt16, _ index: inout RingIndex, request: RingIndex, _ id: UInt16,
    _ status: NetifStatus
  ) {
    emit(queue, .txResponse(index: index, request: request, id: id, status: status))
    index.advance()
  }

  /// See `NetbackTap`.
  public func txArmed(queue: UInt16, at index: RingIndex) {
    emit(queue, .eventIndex(ring: .tx, by: .backend, index: index))
  }

  /// See `NetbackTap`.
  public func txPollEnded(
    queue: UInt16, consumer: RingIndex, producer: RingIndex, packets: Int
  ) {
    emit(
      queue,
      .pollEnd(
        ring: .tx, consumer: consumer, producer: producer, packets: UInt32(clamping: packets)))
  }
}

extension TraceTap {
  /// See `NetbackTap`.
  public func rxQueued(
    queue: UInt16, offload: FrameOffload, octets: RawSpan, accepted: Bool, now: MonotonicInstant
  ) {
    advance(to: now)
    let count = captured(octets.byteCount, at: 0)
    let record = TraceEvent.FrameRecord(
      length: UInt32(clamping: octets.byteCount), captured: UInt32(count), offload: offload)
    emit(
      queue, accepted ? .taken(record) : .dropped(record), octets.extracting(0..<count), at: now)
  }

  /// See `NetbackTap`.
  public func rxFetched(
    queue: UInt16, first: RingIndex, slots: Span<SlotWords>, claimed: RingIndex,
    now: MonotonicInstant
  ) {
    advance(to: now)
    emitProducer(queue, .rx, claimed)
    emitSlots(queue, .rx, first, slots)
  }

  /// See `NetbackTap`.
  public func rxCopied(queue: UInt16, _ operations: Span<GrantCopy>, buffer: RawSpan) {
    for place in operations.indices { emitCopy(queue, operations[place], .toGuest) }
  }

  /// See `NetbackTap`.
  public func rxAnswered(queue: UInt16, _ words: Span<SlotWords>, push: RingPush) {
    emitEvent(queue, .rx, push.event)
    for place in words.indices {
      let index = push.first.advanced(by: UInt32(place))
      emit(queue, .rxResponse(index: index, word0: words[place][0], word1: words[place][1]))
    }
    emitEnd(queue, .rx, push)
  }

  /// A poll that hands nothing over says it; answers were said before.
  public func rxExpired(
    queue: UInt16, claimed: RingIndex, consumer: RingIndex, producer: RingIndex,
    now: MonotonicInstant
  ) {
    advance(to: now)
    emit(queue, .pollBegin(ring: .rx, budget: 0), RawSpan(), at: now)
    emitProducer(queue, .rx, claimed)
    emit(
      queue, .pollEnd(ring: .rx, consumer: consumer, producer: producer, packets: 0), RawSpan(),
      at: now)
  }

  /// See `NetbackTap`.
  public func disabled(queue: UInt16, _ violation: TxViolation) {
    emit(queue, .disabled(rule: UInt8(clamping: violation.code)))
  }

  /// See `NetbackTap`.
  public func connected(_ vif: Vif) {
    forgetQueues()
    emit(0, .connected(queues: UInt16(clamping: vif.queues.count)))
    let snapshot = vif.snapshot().encoded()
    emit(0, .snapshot(length: UInt32(snapshot.count)), snapshot.span.octets)
  }

  /// See `NetbackTap`.
  public func disconnected() { emit(0, .disconnected) }

  /// See `NetbackTap`.
  public func stateChanged(_ state: XenbusState, isBackend: Bool) {
    emit(0, .state(state, of: isBackend ? .backend : .frontend))
  }

  /// See `NetbackTap`.
  public func keySeen(_ name: String, _ value: String, isBackend: Bool) {
    let octets = Array("\(name)=\(value)".utf8)
    let side: TraceSide = isBackend ? .backend : .frontend
    emit(0, .key(of: side, length: UInt32(octets.count)), octets.span.octets)
  }
}
