internal import XenInterface

/// The open block of a writer: events in columns.
struct EventEncoder: ~Copyable {
  private var fields = FieldWriter()
  private var model = TraceModel()
  private var lanes = Lanes()
  private var pair: UInt32 = 0
  private var origin = TraceEvent.Origin.fetched
  private var lastUnits: UInt64 = 0
  /// The time that `lastUnits` stands for, in nanoseconds.
  private var lastTime: UInt64 = 0
  /// The payload of the block.
  var payload = PayloadPool()
  /// What the block's head will say.
  private(set) var head = BlockHead(.events)
  /// Octets in the columns, roughly from above: enough to close the block in time.
  private(set) var size = 0
  private let timeUnit: UInt64

  init(timeUnit: UInt32) { self.timeUnit = UInt64(timeUnit) }

  /// Moves the open block over what `block` holds, and starts the next one.
  mutating func move(to block: inout TraceBlock) {
    block.isPacked = false
    block.head = head
    block.columns.removeAll()
    appendColumns(to: &block.columns)
    swap(&block.payload, &payload.octets)
    reset()
  }

  private mutating func reset() {
    fields.columns.removeAll()
    model.reset(lanes: lanes.count)
    lanes.removeAll()
    payload.removeAll()
    size = 0
    lastUnits = 0
    lastTime = 0
    count(past: head)
  }

  /// Counts a whole block of another trace as ours. The open block is empty.
  mutating func skip(_ block: BlockHead) -> BlockHead {
    var copied = block
    copied.firstEvent = head.firstEvent
    copied.firstPacket = head.firstPacket
    copied.firstRingEvent = head.firstRingEvent
    count(past: copied)
    return copied
  }

  private mutating func count(past block: BlockHead) {
    head = BlockHead(.events)
    head.firstEvent = block.firstEvent &+ UInt64(block.events)
    head.firstPacket = block.firstPacket &+ UInt64(block.packets)
    head.firstRingEvent = block.firstRingEvent &+ UInt64(block.ringEvents)
  }

  /// Whether the event fits in the open block.
  @inline(__always) mutating func hasRoom(for event: TraceEvent, payload count: Int) -> Bool {
    guard head.events > 0 else { return true }
    guard size < TraceLimits.columns / 4 else { return false }
    guard count == 0 || payload.fits(count) else { return false }
    return lanes.count < TraceLimits.lanes || isKnown(event)
  }

  /// Appends an event.
  @inline(__always) mutating func append(
    _ event: TraceEvent, _ kind: EventKind, payload octets: RawSpan
  ) {
    var tag = kind.rawValue
    if isElsewhere(event) {
      tag |= Tag.context
      move(to: event)
    }
    if event.time.nanoseconds &- lastTime >= timeUnit, moveTime(to: event.time.nanoseconds) {
      tag |= Tag.time
    }
    count(kind)
    fields.mask = 0
    fields.firstColumn = kind.column(0)
    // Writing never fails: what is written is what a reader takes.
    _ = try? model.code(event.body, &fields)
    if fields.mask != 0 {
      tag |= Tag.mask
      fields.columns[Tag.masks].append(fields.mask)
      size &+= 1 &+ 3 &* fields.mask.nonzeroBitCount
    }
    fields.columns[Tag.tags].append(tag)
    size &+= 1
    if octets.byteCount > 0 { append(octets, isFrame: kind.isPacket) }
  }

  private mutating func append(_ octets: RawSpan, isFrame: Bool) {
    let before = fields.columns[Tag.pieces].count
    payload.add(octets, isFrame: isFrame, to: &fields.columns[Tag.pieces])
    size &+= fields.columns[Tag.pieces].count - before
  }

  /// Writes the columns as they are deflated: which there are and how long, then each.
  private func appendColumns(to target: inout OctetBuffer) {
    let used = (0..<256).map { UInt8($0) }.filter { fields.columns[$0].count > 0 }
    target.append(littleEndian: UInt16(used.count))
    for column in used {
      target.append(column)
      target.append(littleEndian: UInt32(fields.columns[column].count))
    }
    for column in used { target.append(fields.columns[column].bytes) }
  }

  @inline(__always) private func isElsewhere(_ event: TraceEvent) -> Bool {
    Lanes.pair(vif: event.vif, queue: event.queue) != pair || event.origin != origin
      || lanes.count == 0
  }

  private func isKnown(_ event: TraceEvent) -> Bool {
    lanes.number(of: Lanes.pair(vif: event.vif, queue: event.queue)) != nil
  }

  /// A lane's number and the origin; a new lane's vif and queue behind it.
  private mutating func move(to event: TraceEvent) {
    pair = Lanes.pair(vif: event.vif, queue: event.queue)
    origin = event.origin
    let known = lanes.number(of: pair)
    let number = known ?? lanes.count
    fields.columns[Tag.contexts].append(
      variable: UInt64(number) << 1 | UInt64(origin.rawValue))
    if known == nil {
      fields.columns[Tag.contexts].append(variable: UInt64(event.vif))
      fields.columns[Tag.contexts].append(variable: UInt64(event.queue))
      lanes.append(pair)
      size &+= 6
    }
    model.select(lane: number)
    size &+= 2
  }

  /// Notes a time that is not the last event's; it may lie before it. Whether it is another one.
  private mutating func moveTime(to time: UInt64) -> Bool {
    let units = time / timeUnit
    guard units != lastUnits else { return false }
    let before = fields.columns[Tag.times].count
    fields.columns[Tag.times].append(variable: units &- lastUnits)
    size &+= fields.columns[Tag.times].count - before
    lastUnits = units
    lastTime = units &* timeUnit
    return true
  }

  @inline(__always) private mutating func count(_ kind: EventKind) {
    if head.events == 0 { head.firstTime = lastTime }
    head.lastTime = lastTime
    head.events &+= 1
    head.packets &+= kind.isPacket ? 1 : 0
    head.ringEvents &+= kind.isRingEvent ? 1 : 0
  }
}
