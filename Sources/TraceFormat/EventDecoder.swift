internal import XenRing
internal import XenInterface

/// The block a reader holds: columns, taken apart into events again.
struct EventDecoder: ~Copyable {
  private var fields = FieldReader()
  private var model = TraceModel()
  private var lanes = Lanes()
  private var vif: UInt16 = 0
  private var queue: UInt16 = 0
  private var origin = TraceEvent.Origin.fetched
  private var units: UInt64 = 0
  private let timeUnit: UInt64
  /// The payload of the current event.
  var payload = PayloadStore()
  /// The block's head, as the file has it.
  private(set) var head = BlockHead(.events)
  /// Events taken out of the block so far, with skipped ones.
  private(set) var taken: UInt32 = 0
  /// Packets among them.
  private(set) var packets: UInt32 = 0
  private var ringEvents: UInt32 = 0

  init(timeUnit: UInt32) { self.timeUnit = UInt64(timeUnit) }

  /// Whether the block has events left.
  var isAtEnd: Bool { taken == head.events }

  /// Leaves the rest of the block.
  mutating func abandon() { taken = head.events }

  /// Takes in a block, as it stands in the file behind its head.
  mutating func load(
    _ head: BlockHead, _ stored: borrowing OctetBuffer, inflater: Inflater
  ) throws(Corruption) {
    guard checksum(stored.bytes) == head.dataChecksum else { throw .checksum }
    fields.columns.octets.removeAll()
    fields.columns.octets.extend(by: head.columns)
    payload.reset(to: head.payload)
    let split = head.storedColumns
    guard inflater.inflate(stored, 0..<split, into: &fields.columns.octets) else {
      throw .compression
    }
    if head.payload > 0 || head.storedPayload > 0 {
      guard inflater.inflate(stored, split..<stored.count, into: &payload.octets) else {
        throw .compression
      }
    }
    try placeColumns()
    model.reset(lanes: lanes.count)
    lanes.removeAll()
    units = 0
    self.head = head
    taken = 0
    packets = 0
    ringEvents = 0
  }

  private mutating func placeColumns() throws(Corruption) {
    fields.columns.reset()
    let size = fields.columns.octets.count
    guard size >= 2 else { throw .shortColumn }
    let count = Int(fields.columns.octets.bytes.load(at: 0, as: UInt16.self))
    guard 2 + 5 * count <= size else { throw .shortColumn }
    var start = 2 + 5 * count
    var least = 0
    for entry in stride(from: 2, to: start, by: 5) {
      let column = Int(fields.columns.octets.octet(at: entry))
      let length = Int(fields.columns.octets.bytes.load(at: entry + 1, as: UInt32.self))
      guard column >= least else { throw .value }
      guard length <= size - start else { throw .shortColumn }
      fields.columns.place(UInt8(column), at: start..<start + length)
      least = column + 1
      start += length
    }
    guard start == size else { throw .longColumn }
  }

  /// Takes the next event; nil when it is of an unknown kind that may be skipped.
  ///
  /// - Precondition: the block is not at its end.
  @inline(__always) mutating func next() throws(DecodingFault) -> TraceEvent? {
    do throws(Corruption) {
      let tag = try fields.columns.octet(Tag.tags)
      taken &+= 1
      if tag & Tag.context != 0 { try move() } else if lanes.count == 0 { throw .value }
      if tag & Tag.time != 0 { try moveTime() }
      guard let kind = EventKind(rawValue: tag & Tag.kind), let blank = kind.blank else {
        return try skip(tag)
      }
      let body = try body(kind, blank, tag)
      return TraceEvent(
        time: MonotonicInstant(nanoseconds: units &* timeUnit), vif: vif, queue: queue,
        origin: origin, body)
    } catch {
      throw unknown.map { .unknownKind($0) } ?? .corrupt(error)
    }
  }

  /// Checks at the end of a block that its head told the truth and nothing is left over.
  func checkEnd() throws(Corruption) {
    guard fields.columns.isExhausted, payload.isExhausted else { throw .longColumn }
    guard packets == head.packets, ringEvents == head.ringEvents else { throw .sequence }
  }

  private var unknown: UInt32?

  private mutating func body(
    _ kind: EventKind, _ blank: TraceEvent.Body, _ tag: UInt8
  ) throws(Corruption) -> TraceEvent.Body {
    fields.mask = tag & Tag.mask == 0 ? 0 : try fields.columns.octet(Tag.masks)
    fields.firstColumn = kind.column(0)
    let body = try model.code(blank, &fields)
    packets &+= kind.isPacket ? 1 : 0
    ringEvents &+= kind.isRingEvent ? 1 : 0
    payload.clear()
    guard kind.hasPayload else { return body }
    let count = body.payloadLength
    if count > 0 {
      guard count <= TraceLimits.payload else { throw .value }
      try payload.take(count, isFrame: kind.isPacket, from: &fields.columns)
    }
    return body
  }

  @inline(__always) private mutating func moveTime() throws(Corruption) {
    units &+= try fields.columns.variable(Tag.times)
    guard !units.multipliedReportingOverflow(by: timeUnit).overflow else { throw .value }
  }

  private mutating func move() throws(Corruption) {
    let word = try fields.columns.variable(Tag.contexts)
    origin = word & 1 == 0 ? .fetched : .observed
    guard word >> 1 <= UInt64(lanes.count) else { throw .value }
    let number = Int(word >> 1)
    if number == lanes.count {
      guard number < TraceLimits.lanes else { throw .value }
      let newVif = try fields.columns.variable(Tag.contexts)
      let newQueue = try fields.columns.variable(Tag.contexts)
      guard newVif <= UInt16.max, newQueue <= UInt16.max else { throw .value }
      lanes.append(Lanes.pair(vif: UInt16(newVif), queue: UInt16(newQueue)))
    }
    let pair = lanes.pair(number)
    vif = UInt16(pair >> 16)
    queue = UInt16(pair & 0xffff)
    model.select(lane: number)
  }

  private mutating func skip(_ tag: UInt8) throws(Corruption) -> TraceEvent? {
    guard tag & Tag.kind == EventKind.other.rawValue else {
      unknown = UInt32(tag & Tag.kind)
      throw .value
    }
    let word = try fields.columns.variable(Tag.otherHeads)
    let length = try fields.columns.variable(Tag.otherHeads)
    guard word & 1 != 0 else {
      unknown = UInt32(truncatingIfNeeded: word >> 1)
      throw .value
    }
    try fields.columns.skip(length, of: Tag.otherOctets)
    return nil
  }
}

/// Why an event cannot be taken out of a block.
enum DecodingFault: Error {
  case corrupt(Corruption)
  case unknownKind(UInt32)

  /// The same as the reader's caller is told.
  func traceError(inBlockAt offset: UInt64) -> TraceError {
    switch self {
    case .corrupt(let corruption): .corrupt(offset: offset, corruption)
    case .unknownKind(let kind): .unknownKind(kind, offset: offset)
    }
  }
}
