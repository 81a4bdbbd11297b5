internal import XenRing
public import XenInterface

/// Writes a trace, event by event, to a sink that takes octets block by block.
///
/// An event is on its way to the sink one second after it was appended, if `flushIfDue` is called
/// as often as that; a recorder that is killed loses no more than the open block.
public struct TraceWriter: ~Copyable {
  /// How long an event may wait in the open block, in nanoseconds.
  public static var patience: UInt64 { 1_000_000_000 }

  private let sink: any BlockSink
  private var encoder: EventEncoder
  /// An empty block, there while the sink has not failed.
  private var spare: TraceBlock? = TraceBlock()
  /// Events lost and not yet said to be.
  private var lost: UInt64 = 0
  /// Events that stand as gaps.
  private var gapped: UInt64 = 0
  private var openedAt: MonotonicInstant?

  /// Writes the header; blocks are compressed where they are filled.
  ///
  /// `level` is zlib's: 0 (as it is), 1 (fast) to 9 (small).
  public init(
    _ header: TraceHeader, to sink: any ByteSink, level: Int32 = 6
  ) throws(TraceWriteError) {
    self.init(header, through: try BlockPacker(header, to: sink, level: level))
  }

  /// Hands full blocks to `sink`, which has written `header`.
  public init(_ header: TraceHeader, through sink: any BlockSink) {
    self.sink = sink
    encoder = EventEncoder(timeUnit: max(header.timeUnit, 1))
  }

  /// What has reached the file so far.
  public var statistics: TraceStatistics {
    var statistics = sink.statistics
    statistics.lost = gapped
    return statistics
  }

  /// Appends an event with its payload, which is as long as the event says.
  ///
  /// - Complexity: O(1), without allocation but where a buffer grows; a full block is compressed.
  public mutating func append(
    _ event: TraceEvent, payload: RawSpan
  ) throws(TraceWriteError) {
    let count = payload.byteCount
    if count > 0 || event.body.hasPayload { try check(event, payload: count) }
    if lost > 0 { try appendGap(before: event) }
    if !encoder.hasRoom(for: event, payload: count) { try flush() }
    if case .gap(let events) = event.body { gapped &+= events }
    encoder.append(event, payload: payload, count: count)
  }

  private func check(_ event: TraceEvent, payload count: Int) throws(TraceWriteError) {
    guard count == event.payloadLength else {
      throw .payloadMismatch(expected: event.payloadLength, actual: count)
    }
    guard count <= TraceLimits.payload else { throw .overLimit }
  }

  /// Appends an event of another trace.
  mutating func append(
    _ event: TraceEvent, payloadOf store: borrowing PayloadStore
  ) throws(TraceWriteError) {
    try append(event, payload: store.current)
  }

  /// Appends an event that has no payload.
  public mutating func append(_ event: TraceEvent) throws(TraceWriteError) {
    try append(event, payload: RawSpan())
  }

  /// Counts events that the caller had and could not keep. They stand as a gap before the next one.
  public mutating func countLost(_ events: UInt64) { lost += events }

  /// Writes the open block if its oldest event has waited for a second.
  ///
  /// The first call after an event starts its wait, so `now` may be of any clock.
  public mutating func flushIfDue(now: MonotonicInstant) throws(TraceWriteError) {
    guard !encoder.isEmpty else { return }
    guard let openedAt else { return self.openedAt = now }
    if openedAt.advanced(by: Self.patience) <= now { try flush() }
  }

  /// Hands the open block on, if anything is in it.
  public mutating func flush() throws(TraceWriteError) {
    guard !encoder.isEmpty, var block = spare.take() else { return }
    encoder.move(to: &block)
    openedAt = nil
    spare = try sink.take(block)
  }

  /// Octets of events and payload that wait in the open block, before compression.
  public var openOctets: Int { encoder.octets }

  /// Hands the open block on and waits until all has been written.
  public mutating func settle() throws(TraceWriteError) {
    try flush()
    try sink.drain()
  }

  /// Writes the open block, the index, and the end by which a whole trace is known.
  public consuming func finish() throws(TraceWriteError) -> TraceStatistics {
    if lost > 0 { try appendGap(at: encoder.lastTime) }
    try flush()
    var end = TraceBlock()
    end.head = encoder.head
    var statistics = try sink.finish(end)
    statistics.lost = gapped
    return statistics
  }

  /// Writes a whole block as another trace has it; its events are counted on from ours.
  mutating func copy(
    _ block: BlockHead, data: borrowing OctetBuffer
  ) throws(TraceWriteError) {
    try flush()
    guard var copy = spare.take() else { return }
    copy.head = encoder.skip(block)
    copy.columns.removeAll()
    copy.columns.append(data)
    copy.isPacked = true
    spare = try sink.take(copy)
  }

  private mutating func appendGap(before event: TraceEvent) throws(TraceWriteError) {
    try appendGap(at: event.time.nanoseconds)
  }

  private mutating func appendGap(at time: UInt64) throws(TraceWriteError) {
    let count = lost
    lost = 0
    let gap = TraceEvent(
      time: MonotonicInstant(nanoseconds: time), origin: .fetched, .gap(lost: count))
    try append(gap, payload: RawSpan())
  }
}

/// Counts of what a trace holds and what room it takes.
public struct TraceStatistics: Hashable, Sendable {
  /// Events, gaps among them.
  public var events: UInt64 = 0
  /// Frames delivered, taken and dropped.
  public var packets: UInt64 = 0
  /// Request slots, response slots and grant operations.
  public var ringEvents: UInt64 = 0
  /// Events that stand as gaps.
  public var lost: UInt64 = 0
  /// Octets of the file.
  public var octets: UInt64 = 0
  /// Octets among them that hold payload, compressed.
  public var payloadOctets: UInt64 = 0
  /// Blocks of events.
  public var blocks: UInt64 = 0

  /// Nothing counted yet.
  public init() {}

  /// Octets without payload per ring event; 0 when there is none.
  public var octetsPerRingEvent: Double {
    ringEvents == 0 ? 0 : Double(octets - payloadOctets) / Double(ringEvents)
  }

  /// Whether the file is made of blocks so small that merging them makes it smaller, and no larger
  /// than can be read and written again while somebody waits.
  public var isPatchwork: Bool {
    blocks > 1 && octets / blocks < 1 << 16 && octets <= 64 << 20
  }

  mutating func count(_ head: BlockHead) {
    events += UInt64(head.events)
    packets += UInt64(head.packets)
    ringEvents += UInt64(head.ringEvents)
    payloadOctets += UInt64(head.storedPayload)
    blocks += 1
  }
}
