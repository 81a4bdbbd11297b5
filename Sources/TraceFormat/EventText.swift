internal import Netif
internal import XenInterface
internal import XenRing

/// What follows the kind on an event's line, for printing and parsing alike.
enum EventText {
  static let rings = ["tx", "rx", "control"]
  static let sides = ["frontend", "backend"]
  static let origins = ["fetched", "observed"]
  static let checksums = ["unknown", "partial", "verified"]
  static let answers = ["no", "yes"]
  static let states = [
    "unknown", "initialising", "init-wait", "initialised", "connected", "closing", "closed",
    "reconfiguring", "reconfigured",
  ]
  static let statuses: [(Int16, String)] = [
    (0, "okay"), (-1, "error"), (-2, "dropped"), (1, "null"),
  ]
  static let grantStatuses: [(Int16, String)] = [(0, "okay")]

  /// Prints or parses the fields of `body`, which in parsing gives only the kind.
  static func code<F: RecordFields & ~Copyable>(
    _ body: TraceEvent.Body, isExtra: Bool, _ f: inout F
  ) throws(TraceTextError) -> TraceEvent.Body {
    switch body {
    case .slot(.tx, let index, let words):
      let place = try code(index, &f)
      let read = try isExtra ? extra(words, &f) : txRequest(words, &f)
      return .slot(ring: .tx, index: place, read)
    case .slot(.rx, let index, let words):
      return .slot(ring: .rx, index: try code(index, &f), try rxRequest(words, &f))
    case .slot(.control, let index, let words):
      return .slot(ring: .control, index: try code(index, &f), try controlRequest(words, &f))
    case .requestProducer(let ring, let index):
      return .requestProducer(ring: try code(ring, &f), index: try code(index, &f))
    case .responseProducer(let ring, let index):
      return .responseProducer(ring: try code(ring, &f), index: try code(index, &f))
    case .eventIndex(let ring, let side, let index):
      return .eventIndex(
        ring: try code(ring, &f), by: try code("by", side, &f), index: try code(index, &f))
    case .notification(let ring, let side):
      return .notification(ring: try code(ring, &f), by: try code("by", side, &f))
    case .pollBegin(let ring, let budget):
      return .pollBegin(ring: try code(ring, &f), budget: try f.field("budget", budget))
    case .pollEnd(let ring, let consumer, let producer, let packets):
      return .pollEnd(
        ring: try code(ring, &f), consumer: try code("consumer", consumer, &f),
        producer: try code("producer", producer, &f), packets: try f.field("packets", packets))
    case .grantCopy(let operand, let direction, let status):
      return try grantCopy(operand, direction, status, &f)
    case .grantMap(let grant, let readOnly, let handle, let status):
      return .grantMap(
        try code(grant, &f),
        readOnly: try f.field("read-only", readOnly ? 1 : 0, of: answers) == 1,
        handle: try f.field("handle", handle), status: try code(status, &f))
    case .grantUnmap(let grant, let handle, let status):
      return .grantUnmap(
        try code(grant, &f), handle: try f.field("handle", handle), status: try code(status, &f))
    case .memory(let operand):
      return .memory(try code(operand, &f))
    case .release(let index): return .release(index: try code(index, &f))
    case .txResponse(let index, let request, let id, let status):
      return .txResponse(
        index: try code(index, &f), request: try code("request", request, &f),
        id: try f.field("id", id),
        status: NetifStatus(rawValue: try f.status("status", status.rawValue, statuses)))
    case .rxResponse(let index, let word0, let word1):
      return try rxResponse(index, word0, word1, isExtra: isExtra, &f)
    case .controlResponse(let index, let word0, let word1, let word2):
      return try controlResponse(index, word0, word1, word2, &f)
    case .delivered(let frame, let request):
      let first = try code("request", request, &f)
      return .delivered(try code(frame, &f), request: first)
    case .taken(let frame): return .taken(try code(frame, &f))
    case .dropped(let frame): return .dropped(try code(frame, &f))
    case .state(let state, let side):
      return .state(
        XenbusState(rawValue: UInt8(try f.word(Int(state.rawValue), of: states))) ?? .unknown,
        of: try code("of", side, &f))
    case .key(let side, let length): return .key(of: try code("of", side, &f), length: length)
    case .connected(let queues): return .connected(queues: try f.field("queues", queues))
    case .disconnected: return .disconnected
    case .disabled(let rule): return .disabled(rule: try f.field("rule", rule))
    case .gap(let lost): return .gap(lost: try f.field("lost", lost))
    case .note(let length): return .note(length: length)
    case .snapshot(let length): return .snapshot(length: length)
    }
  }

  // MARK: - Slots and answers

  static func txRequest<F: RecordFields & ~Copyable>(
    _ words: TraceEvent.Words, _ f: inout F
  ) throws(TraceTextError) -> TraceEvent.Words {
    let grant = try f.field("gref", words.w0)
    let offset = try f.field("offset", UInt16(truncatingIfNeeded: words.w1))
    let flags = try f.bits("flags", UInt16(truncatingIfNeeded: words.w1 >> 16))
    let id = try f.field("id", UInt16(truncatingIfNeeded: words.w2))
    let size = try f.field("size", UInt16(truncatingIfNeeded: words.w2 >> 16))
    return TraceEvent.Words(grant, join(offset, flags), join(id, size))
  }

  private static func extra<F: RecordFields & ~Copyable>(
    _ words: TraceEvent.Words, _ f: inout F
  ) throws(TraceTextError) -> TraceEvent.Words {
    let (w0, w1) = try extra(words.w0, words.w1, &f)
    return TraceEvent.Words(w0, w1, try f.bits("unused", words.w2))
  }

  /// The eight octets of an extra info: its type, its flags, and what its type makes of the rest.
  private static func extra<F: RecordFields & ~Copyable>(
    _ w0: UInt32, _ w1: UInt32, _ f: inout F
  ) throws(TraceTextError) -> (UInt32, UInt32) {
    let type = try f.field("type", UInt8(truncatingIfNeeded: w0))
    let flags = try f.bits("flags", UInt8(truncatingIfNeeded: w0 >> 8))
    let value = try f.field("value", UInt16(truncatingIfNeeded: w0 >> 16))
    let more = try f.bits("data", w1)
    return (UInt32(type) | UInt32(flags) << 8 | UInt32(value) << 16, more)
  }

  static func rxRequest<F: RecordFields & ~Copyable>(
    _ words: TraceEvent.Words, _ f: inout F
  ) throws(TraceTextError) -> TraceEvent.Words {
    let id = try f.field("id", UInt16(truncatingIfNeeded: words.w0))
    let pad = UInt16(truncatingIfNeeded: words.w0 >> 16)
    let upper = try f.optional("pad", pad == 0 ? nil : pad) ?? 0
    return TraceEvent.Words(join(id, upper), try f.field("gref", words.w1))
  }

  private static func controlRequest<F: RecordFields & ~Copyable>(
    _ words: TraceEvent.Words, _ f: inout F
  ) throws(TraceTextError) -> TraceEvent.Words {
    let id = try f.field("id", UInt16(truncatingIfNeeded: words.w0))
    let type = try f.field("type", UInt16(truncatingIfNeeded: words.w0 >> 16))
    return TraceEvent.Words(
      join(id, type), try f.bits("data0", words.w1), try f.bits("data1", words.w2),
      try f.bits("data2", words.w3))
  }

  private static func rxResponse<F: RecordFields & ~Copyable>(
    _ index: RingIndex, _ word0: UInt32, _ word1: UInt32, isExtra: Bool, _ f: inout F
  ) throws(TraceTextError) -> TraceEvent.Body {
    let place = try code(index, &f)
    if isExtra {
      let (w0, w1) = try extra(word0, word1, &f)
      return .rxResponse(index: place, word0: w0, word1: w1)
    }
    let id = try f.field("id", UInt16(truncatingIfNeeded: word0))
    let offset = try f.field("offset", UInt16(truncatingIfNeeded: word0 >> 16))
    let flags = try f.bits("flags", UInt16(truncatingIfNeeded: word1))
    let status = try f.status("status", Int16(truncatingIfNeeded: word1 >> 16), [])
    return .rxResponse(
      index: place, word0: join(id, offset), word1: join(flags, UInt16(bitPattern: status)))
  }

  private static func controlResponse<F: RecordFields & ~Copyable>(
    _ index: RingIndex, _ word0: UInt32, _ word1: UInt32, _ word2: UInt32, _ f: inout F
  ) throws(TraceTextError) -> TraceEvent.Body {
    let place = try code(index, &f)
    let id = try f.field("id", UInt16(truncatingIfNeeded: word0))
    let type = try f.field("type", UInt16(truncatingIfNeeded: word0 >> 16))
    return .controlResponse(
      index: place, word0: join(id, type), word1: try f.field("status", word1),
      word2: try f.bits("data", word2))
  }

  // MARK: - Grants and frames

  private static func grantCopy<F: RecordFields & ~Copyable>(
    _ operand: TraceEvent.GrantOperand, _ direction: CopyDirection, _ status: GrantStatus,
    _ f: inout F
  ) throws(TraceTextError) -> TraceEvent.Body {
    var range = try code(operand, &f)
    let answer = try code(status, &f)
    let captured = operand.captured == 0 ? nil : operand.captured
    range.captured = try f.optional("captured", captured) ?? 0
    return .grantCopy(range, direction: direction, status: answer)
  }

  private static func code<F: RecordFields & ~Copyable>(
    _ operand: TraceEvent.GrantOperand, _ f: inout F
  ) throws(TraceTextError) -> TraceEvent.GrantOperand {
    TraceEvent.GrantOperand(
      grant: try code(operand.grant, &f), offset: try f.field("offset", operand.offset),
      length: try f.field("length", operand.length), captured: operand.captured)
  }

  private static func code<F: RecordFields & ~Copyable>(
    _ frame: TraceEvent.FrameRecord, _ f: inout F
  ) throws(TraceTextError) -> TraceEvent.FrameRecord {
    let length = try f.field("length", frame.length)
    let checksum = try f.field("checksum", Int(frame.offload.checksum.rawValue), of: checksums)
    var offload = FrameOffload(checksum: ChecksumState(rawValue: UInt8(checksum)) ?? .unknown)
    if let size = try f.optional("segment", frame.offload.segmentation?.size) {
      let type = try f.field("segment-type", frame.offload.segmentation?.type ?? 0)
      offload.segmentation = Segmentation(size: size, type: type)
    }
    if let value = try f.optional("hash", frame.offload.hash?.value) {
      let type = try f.field("hash-type", frame.offload.hash?.type ?? 0)
      offload.hash = FlowHash(value: value, type: type)
    }
    return TraceEvent.FrameRecord(length: length, captured: frame.captured, offload: offload)
  }

  // MARK: - Parts

  private static func code<F: RecordFields & ~Copyable>(
    _ index: RingIndex, _ f: inout F
  ) throws(TraceTextError) -> RingIndex { RingIndex(rawValue: try f.number(index.rawValue)) }

  static func code<F: RecordFields & ~Copyable>(
    _ name: String, _ index: RingIndex, _ f: inout F
  ) throws(TraceTextError) -> RingIndex { RingIndex(rawValue: try f.field(name, index.rawValue)) }

  private static func code<F: RecordFields & ~Copyable>(
    _ ring: TraceRing, _ f: inout F
  ) throws(TraceTextError) -> TraceRing {
    TraceRing(number: UInt32(try f.word(Int(ring.rawValue), of: rings)))
  }

  private static func code<F: RecordFields & ~Copyable>(
    _ name: String, _ side: TraceSide, _ f: inout F
  ) throws(TraceTextError) -> TraceSide {
    TraceSide(number: UInt32(try f.field(name, Int(side.rawValue), of: sides)))
  }

  private static func code<F: RecordFields & ~Copyable>(
    _ grant: GrantReference, _ f: inout F
  ) throws(TraceTextError) -> GrantReference {
    GrantReference(rawValue: try f.field("gref", grant.rawValue))
  }

  private static func code<F: RecordFields & ~Copyable>(
    _ status: GrantStatus, _ f: inout F
  ) throws(TraceTextError) -> GrantStatus {
    GrantStatus(rawValue: try f.status("status", status.rawValue, grantStatuses))
  }

  private static func join(_ low: UInt16, _ high: UInt16) -> UInt32 {
    UInt32(low) | UInt32(high) << 16
  }
}
