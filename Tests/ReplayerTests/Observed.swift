import Netif
import TraceFormat
import XenInterface
import XenRing

/// A recording of the Swift netback as a recorder that looks at a Linux one from outside would have
/// made it: the first 128 octets of a packet copied, the rest mapped; frames for the guest seen when
/// they are handed over; nothing known of events, or of the ids of NULLs.
struct Observed {
  private(set) var recorded: Recorded
  private var walker = TxSlotWalker()
  private var slots: [(words: TraceEvent.Words, isHead: Bool)] = []
  private var position = 0
  private var handle: UInt32 = 0
  private var isInPoll = false
  private var isInControlPoll = false
  private var frames: [(event: TraceEvent, payload: [UInt8])] = []
  private var batch: [(event: TraceEvent, payload: [UInt8])] = []
  /// Octets of the copy whose memory comes next.
  private var pending: (operand: TraceEvent.GrantOperand, position: Int)?

  init(_ original: Recorded) {
    recorded = Recorded(header: original.header, events: [])
    recorded.header.source = .kernelTap
    for entry in original.events { take(entry.event, entry.payload) }
  }

  private mutating func emit(
    _ event: TraceEvent, _ body: TraceEvent.Body, _ payload: [UInt8] = []
  ) {
    var seen = event
    seen.origin = .observed
    seen.body = body
    recorded.events.append((seen, payload))
  }

  private mutating func take(_ event: TraceEvent, _ payload: [UInt8]) {
    if case .pollBegin(.control, _) = event.body { isInControlPoll = true }
    guard !isInControlPoll else { return control(event, payload) }
    switch event.body {
    case .pollBegin:
      isInPoll = true
      emit(event, event.body)
    case .pollEnd:
      isInPoll = false
      emit(event, event.body)
    case .slot(.tx, _, let words):
      let kind = walker.take([words.w0, words.w1, words.w2, 0])
      if kind != .extra { slots.append((words, kind == .head)) }
      emit(event, event.body)
    case .grantCopy(let operand, .fromGuest, let status):
      copy(event, operand, status)
    case .memory(let operand): memory(event, operand, payload)
    case .txResponse(let index, let request, _, .null):
      emit(event, .txResponse(index: index, request: request, id: 0, status: .null))
    case .notification, .eventIndex(_, .backend, _): break
    case .responseProducer(.tx, _): if !isInPoll { emit(event, event.body) }
    case .taken: frames.append((event, payload))
    case .slot(.rx, _, _), .grantCopy(_, .toGuest, _), .rxResponse: batch.append((event, payload))
    case .responseProducer(.rx, _): finishBatch(event)
    default: emit(event, event.body, payload)
    }
  }

  /// Nobody sees who was told of what; a copy may come in two parts.
  private mutating func control(_ event: TraceEvent, _ payload: [UInt8]) {
    switch event.body {
    case .notification, .eventIndex: break
    case .grantCopy(var first, let direction, let status) where first.length > 8:
      var second = first
      first.length = 8
      second.offset += 8
      second.length -= 8
      emit(event, .grantCopy(first, direction: direction, status: status))
      emit(event, .grantCopy(second, direction: direction, status: status))
    case .pollEnd:
      isInControlPoll = false
      emit(event, event.body)
    default: emit(event, event.body, payload)
    }
  }

  private mutating func copy(
    _ event: TraceEvent, _ operand: TraceEvent.GrantOperand, _ status: GrantStatus
  ) {
    let slot = slots.removeFirst()
    if slot.isHead { position = 0 }
    let linear = max(0, min(128 - position, Int(operand.length)))
    if linear > 0 {
      let first = TraceEvent.GrantOperand(
        grant: operand.grant, offset: operand.offset, length: UInt16(linear))
      emit(event, .grantCopy(first, direction: .fromGuest, status: status))
    }
    if linear < Int(operand.length) {
      handle += 1
      emit(event, .grantMap(operand.grant, readOnly: true, handle: handle, status: status))
    }
    pending = (operand, linear)
    position += Int(operand.length)
  }

  /// What the copy brought, and what the mapping shows, apart.
  private mutating func memory(
    _ event: TraceEvent, _ operand: TraceEvent.GrantOperand, _ payload: [UInt8]
  ) {
    let linear = pending?.position ?? 0
    for range in [0..<linear, linear..<Int(operand.length)] where !range.isEmpty {
      let octets = Array(payload.dropFirst(range.lowerBound).prefix(range.count))
      guard !octets.isEmpty else { continue }
      emit(
        event,
        .memory(
          .init(
            grant: operand.grant, offset: operand.offset + UInt16(range.lowerBound),
            length: UInt16(range.count), captured: UInt16(octets.count))), octets)
    }
  }

  /// Frames are seen when they are handed over; in the midst of a batch, answers are published.
  private mutating func finishBatch(_ event: TraceEvent) {
    for entry in batch {
      if case .slot = entry.event.body { emit(entry.event, entry.event.body) }
    }
    for _ in 0..<framesInBatch {
      guard let place = frames.firstIndex(where: { $0.event.queue == event.queue }) else { break }
      let frame = frames.remove(at: place)
      emit(frame.event, frame.event.body, frame.payload)
    }
    var answers = 0
    for entry in batch {
      if case .slot = entry.event.body { continue }
      emit(entry.event, entry.event.body)
      guard case .rxResponse(let index, _, _) = entry.event.body else { continue }
      answers += 1
      if answers.isMultiple(of: 5) {
        emit(event, .responseProducer(ring: .rx, index: index.advanced(by: 1)))
      }
    }
    emit(event, event.body)
    batch.removeAll()
  }

  private var framesInBatch: Int {
    var count = 0
    var isExtra = false
    for entry in batch {
      guard case .rxResponse(_, let word0, let word1) = entry.event.body else { continue }
      if isExtra {
        isExtra = word0 >> 8 & 1 != 0
        continue
      }
      isExtra = word1 >> 3 & 1 != 0
      if word1 >> 2 & 1 == 0 { count += 1 }
    }
    return count
  }
}
