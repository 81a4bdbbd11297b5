internal import XenInterface

/// The open block of a writer: events in columns.
struct EventEncoder: ~Copyable {
  private var fields = FieldWriter()
  private var model = TraceModel()
  private var lanes = Lanes()
  /// Vif, queue and origin of the last event; in an empty block those of none.
  private var context = UInt64.max
  /// Time of the last event as a reader will see it, in nanoseconds; 0 in an empty block.
  private(set) var lastTime: UInt64 = 0
  /// The payload of the block.
  var payload = PayloadPool()
  /// What the head of an empty block would say here.
  private var start = BlockHead(.events)
  /// Events of each kind in the block.
  private var counts = KindCounts()
  private let timeUnit: UInt64

  init(timeUnit: UInt32) { self.timeUnit = UInt64(timeUnit) }

  /// Whether the open block has no event.
  var isEmpty: Bool { lanes.count == 0 }

  /// Octets in the open block.
  var octets: Int { fields.size + payload.octets.count }

  /// What the block's head will say.
  var head: BlockHead {
    var head = start
    counts.count(into: &head)
    head.lastTime = lastTime
    return head
  }

  /// Moves the open block over what `block` holds, and starts the next one.
  mutating func move(to block: inout TraceBlock) {
    block.isPacked = false
    block.head = head
    block.columns.removeAll()
    appendColumns(to: &block.columns)
    swap(&block.payload, &payload.octets)
    reset(past: block.head)
    // The next block is likely to take as much: growing there step by step would copy it.
    payload.octets.reserve(block.payload.count)
  }

  private mutating func reset(past block: BlockHead) {
    fields.columns.removeAll()
    fields.size = 0
    model.reset(lanes: lanes.count)
    lanes.removeAll()
    context = .max
    payload.removeAll()
    lastTime = 0
    counts = KindCounts()
    count(past: block)
  }

  /// Counts a whole block of another trace as ours. The open block is empty.
  mutating func skip(_ block: BlockHead) -> BlockHead {
    var copied = block
    copied.firstEvent = start.firstEvent
    copied.firstPacket = start.firstPacket
    copied.firstRingEvent = start.firstRingEvent
    count(past: copied)
    return copied
  }

  private mutating func count(past block: BlockHead) {
    start = BlockHead(.events)
    start.firstEvent = block.firstEvent &+ UInt64(block.events)
    start.firstPacket = block.firstPacket &+ UInt64(block.packets)
    start.firstRingEvent = block.firstRingEvent &+ UInt64(block.ringEvents)
  }

  /// Whether the event fits in the open block. An empty one takes every event.
  @inline(__always) func hasRoom(for event: TraceEvent, payload count: Int) -> Bool {
    guard fields.size < TraceLimits.columns / 4 else { return false }
    guard count == 0 || payload.fits(count) else { return false }
    return lanes.count < TraceLimits.lanes || isKnown(event)
  }

  /// Appends an event.
  @inline(__always) mutating func append(
    _ event: TraceEvent, payload octets: RawSpan, count: Int
  ) {
    var tag: UInt8 = 0
    if Self.context(of: event) != context {
      tag |= Tag.context
      move(to: event)
    }
    if event.time.nanoseconds &- lastTime >= timeUnit {
      tag |= Tag.time
      moveTime(to: event.time.nanoseconds)
    }
    // Writing never fails: what is written is what a reader takes.
    _ = try? model.code(event.body, &fields)
    if fields.mask != 0 {
      tag |= Tag.mask
      fields.columns[Tag.masks].append(fields.mask)
      fields.size &+= 1
    }
    fields.columns[Tag.tags].append(tag | fields.kindNumber)
    fields.size &+= 1
    counts.add(fields.kindNumber)
    if count > 0 { append(octets, isFrame: fields.kind.isPacket) }
  }

  private mutating func append(_ octets: RawSpan, isFrame: Bool) {
    let before = fields.columns[Tag.pieces].count
    payload.add(octets, isFrame: isFrame, to: &fields.columns[Tag.pieces])
    fields.size &+= fields.columns[Tag.pieces].count - before
  }

  /// Writes the columns as they are deflated: which there are and how long, then each.
  private func appendColumns(to target: inout OctetBuffer) {
    let used = (0..<256).map { UInt8($0) }.filter { fields.columns[$0].count > 0 }
    target.reserve(2 + used.reduce(0) { $0 + 5 + fields.columns[$1].count })
    target.append(littleEndian: UInt16(used.count))
    for column in used {
      target.append(column)
      target.append(littleEndian: UInt32(fields.columns[column].count))
    }
    for column in used { target.append(fields.columns[column].bytes) }
  }

  @inline(__always) private static func context(of event: TraceEvent) -> UInt64 {
    UInt64(Lanes.pair(vif: event.vif, queue: event.queue)) << 1 | UInt64(event.origin.rawValue)
  }

  private func isKnown(_ event: TraceEvent) -> Bool {
    lanes.number(of: Lanes.pair(vif: event.vif, queue: event.queue)) != nil
  }

  /// A lane's number and the origin; a new lane's vif and queue behind it.
  private mutating func move(to event: TraceEvent) {
    if isEmpty { start.firstTime = event.time.nanoseconds / timeUnit &* timeUnit }
    context = Self.context(of: event)
    let pair = Lanes.pair(vif: event.vif, queue: event.queue)
    let known = lanes.number(of: pair)
    let number = known ?? lanes.count
    fields.columns[Tag.contexts].append(
      variable: UInt64(number) << 1 | UInt64(event.origin.rawValue))
    if known == nil {
      fields.columns[Tag.contexts].append(variable: UInt64(event.vif))
      fields.columns[Tag.contexts].append(variable: UInt64(event.queue))
      lanes.append(pair)
      fields.size &+= 6
    }
    model.select(lane: number)
    fields.size &+= 2
  }

  /// Notes a time that lies a time unit or more behind the last event's, or before it.
  @inline(__always) private mutating func moveTime(to time: UInt64) {
    // A short division is a fast one: times mostly go on from the last.
    let units =
      time >= lastTime
      ? (time &- lastTime) / timeUnit : time / timeUnit &- lastTime / timeUnit
    let before = fields.columns[Tag.times].count
    fields.columns[Tag.times].append(variable: units)
    fields.size &+= fields.columns[Tag.times].count &- before
    lastTime &+= units &* timeUnit
  }
}

/// How many events of each kind there are.
private struct KindCounts {
  private var counts = InlineArray<32, UInt32>(repeating: 0)

  @inline(__always) mutating func add(_ kind: UInt8) {
    counts[Int(kind & 31)] &+= 1
  }

  /// Says in a block's head how many there are.
  func count(into head: inout BlockHead) {
    for kind in EventKind.allCases {
      let count = counts[Int(kind.rawValue & 31)]
      head.events &+= count
      head.packets &+= kind.isPacket ? count : 0
      head.ringEvents &+= kind.isRingEvent ? count : 0
    }
  }
}
