internal import Netif
internal import XenInterface
internal import XenRing

extension TraceModel {
  /// Codes one event's body and learns from it. When reading, `actual` gives only its kind.
  @inline(__always) mutating func code<C: FieldCoder & ~Copyable>(
    _ actual: TraceEvent.Body, _ coder: inout C
  ) throws(Corruption) -> TraceEvent.Body {
    switch actual {
    case .slot(.tx, let index, let words): try txSlot(&coder, index.rawValue, words)
    case .slot(.rx, let index, let words): try rxSlot(&coder, index.rawValue, words)
    case .slot(.control, let index, let words): try controlSlot(&coder, index.rawValue, words)
    case .requestProducer(let ring, let index):
      try requestProducer(&coder, ring, index.rawValue)
    case .responseProducer(let ring, let index):
      try responseProducer(&coder, ring, index.rawValue)
    case .eventIndex(let ring, let side, let index):
      try eventIndex(&coder, ring, by: side, index.rawValue)
    case .notification(let ring, let side): try notification(&coder, ring, by: side)
    case .pollBegin(let ring, let budget): try pollBegin(&coder, ring, budget: budget)
    case .pollEnd(let ring, let consumer, let producer, let packets):
      try pollEnd(
        &coder, ring, consumer: consumer.rawValue, producer: producer.rawValue,
        packets: packets)
    case .grantCopy(let operand, .fromGuest, let status):
      try copyFromGuest(&coder, operand, status)
    case .grantCopy(let operand, .toGuest, let status):
      try copyToGuest(&coder, operand, status)
    case .grantMap(let grant, let readOnly, let handle, let status):
      try grantMap(&coder, grant.rawValue, readOnly: readOnly, handle: handle, status)
    case .grantUnmap(let grant, let handle, let status):
      try grantUnmap(&coder, grant.rawValue, handle: handle, status)
    case .memory(let operand): try memory(&coder, operand)
    case .release(let index): try release(&coder, index.rawValue)
    case .txResponse(let index, let request, let id, let status):
      try txResponse(&coder, index.rawValue, request: request.rawValue, id: id, status)
    case .rxResponse(let index, let word0, let word1):
      try rxResponse(&coder, index.rawValue, word0, word1)
    case .controlResponse(let index, let word0, let word1, let word2):
      try controlResponse(&coder, index.rawValue, word0, word1, word2)
    case .delivered(let frame, let request):
      try delivered(&coder, frame, request: request.rawValue)
    case .taken(let frame): try takenFrame(&coder, frame)
    case .dropped(let frame): try droppedFrame(&coder, frame)
    case .state(let state, let side): try self.state(&coder, state, of: side)
    case .key(let side, let length): try key(&coder, of: side, length: length)
    case .connected(let queues): try connected(&coder, queues)
    case .disconnected: disconnected(&coder)
    case .disabled(let rule): try disabled(&coder, rule)
    case .gap(let lost): try gap(&coder, lost: lost)
    case .note(let length): .note(length: try self.length(&coder, of: .note, length))
    case .snapshot(let length): .snapshot(length: try self.length(&coder, of: .snapshot, length))
    }
  }

  @inline(__always) private mutating func takenFrame<C: FieldCoder & ~Copyable>(
    _ coder: inout C, _ frame: TraceEvent.FrameRecord
  ) throws(Corruption) -> TraceEvent.Body {
    coder.begin(.taken)
    let fields = try taken(&coder, frame)
    queueTaken(fields)
    return .taken(fields.record)
  }

  private mutating func droppedFrame<C: FieldCoder & ~Copyable>(
    _ coder: inout C, _ frame: TraceEvent.FrameRecord
  ) throws(Corruption) -> TraceEvent.Body {
    coder.begin(.dropped)
    return .dropped(try taken(&coder, frame).record)
  }

  private func connected<C: FieldCoder & ~Copyable>(
    _ coder: inout C, _ queues: UInt16
  ) throws(Corruption) -> TraceEvent.Body {
    coder.begin(.connected)
    return .connected(queues: try coder.code(0, queues, predicted: 1))
  }

  private func disconnected<C: FieldCoder & ~Copyable>(_ coder: inout C) -> TraceEvent.Body {
    coder.begin(.disconnected)
    return .disconnected
  }

  private func length<C: FieldCoder & ~Copyable>(
    _ coder: inout C, of kind: EventKind, _ actual: UInt32
  ) throws(Corruption) -> UInt32 {
    coder.begin(kind)
    return try coder.code(0, actual, predicted: 0)
  }

  private mutating func disabled<C: FieldCoder & ~Copyable>(
    _ coder: inout C, _ rule: UInt8
  ) throws(Corruption) -> TraceEvent.Body {
    coder.begin(.disabled)
    let code = try coder.code(0, UInt32(rule), predicted: 0, below: 256)
    return .disabled(rule: UInt8(truncatingIfNeeded: code))
  }
}

extension EventKind {
  /// An event of this kind to be read into, with nothing in it; nil for `other`.
  @inline(__always) var blank: TraceEvent.Body? {
    let zero = RingIndex(rawValue: 0)
    switch self {
    case .txSlot: return .slot(ring: .tx, index: zero, TraceEvent.Words(0, 0))
    case .rxSlot: return .slot(ring: .rx, index: zero, TraceEvent.Words(0, 0))
    case .controlSlot: return .slot(ring: .control, index: zero, TraceEvent.Words(0, 0))
    case .requestProducer: return .requestProducer(ring: .tx, index: zero)
    case .responseProducer: return .responseProducer(ring: .tx, index: zero)
    case .eventIndex: return .eventIndex(ring: .tx, by: .frontend, index: zero)
    case .notification: return .notification(ring: .tx, by: .frontend)
    case .pollBegin: return .pollBegin(ring: .tx, budget: 0)
    case .pollEnd: return .pollEnd(ring: .tx, consumer: zero, producer: zero, packets: 0)
    case .copyFromGuest:
      return .grantCopy(.blank, direction: .fromGuest, status: .okay)
    case .copyToGuest: return .grantCopy(.blank, direction: .toGuest, status: .okay)
    case .grantMap:
      return .grantMap(
        GrantReference(rawValue: 0), readOnly: false, handle: 0, status: .okay)
    case .grantUnmap: return .grantUnmap(GrantReference(rawValue: 0), handle: 0, status: .okay)
    case .memory: return .memory(.blank)
    case .release: return .release(index: zero)
    case .txResponse: return .txResponse(index: zero, request: zero, id: 0, status: .okay)
    case .rxResponse: return .rxResponse(index: zero, word0: 0, word1: 0)
    case .controlResponse: return .controlResponse(index: zero, word0: 0, word1: 0, word2: 0)
    case .delivered: return .delivered(.blank, request: zero)
    case .taken: return .taken(.blank)
    case .dropped: return .dropped(.blank)
    case .state: return .state(.unknown, of: .frontend)
    case .key: return .key(of: .frontend, length: 0)
    case .connected: return .connected(queues: 0)
    case .disconnected: return .disconnected
    case .disabled: return .disabled(rule: 0)
    case .gap: return .gap(lost: 0)
    case .note: return .note(length: 0)
    case .snapshot: return .snapshot(length: 0)
    case .other: return nil
    }
  }
}

extension TraceEvent.GrantOperand {
  /// A range to be read into.
  static var blank: Self { Self(grant: GrantReference(rawValue: 0), offset: 0, length: 0) }
}

extension TraceEvent.FrameRecord {
  /// A frame to be read into.
  static var blank: Self { Self(length: 0, captured: 0, offload: FrameOffload()) }
}
