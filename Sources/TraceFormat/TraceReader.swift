/// Reads a trace, event by event, and trusts nothing in it. It holds one block at a time.
public struct TraceReader: ~Copyable {
  /// What the trace says of itself.
  public let header: TraceHeader
  /// Whether the file ends without its index, as it does when a recorder was killed. Known once
  /// `next` returned nil; what was read until then is good.
  public private(set) var isTruncated = false
  /// Number of the next event in the file.
  public private(set) var eventNumber: UInt64 = 0
  /// What was counted in the blocks read so far; `lost` is not, gaps are events to be looked at.
  public private(set) var statistics = TraceStatistics()
  private var blocks: BlockSource
  private var decoder: EventDecoder
  private let inflater = Inflater()
  private var blockOffset: UInt64 = 0
  private var isFinished = false
  private var continues = true
  private var entries: [IndexEntry]?

  /// Reads the header.
  public init(_ source: any ByteSource) throws(TraceError) {
    var blocks = BlockSource(source)
    header = try blocks.readHeader()
    self.blocks = blocks
    decoder = EventDecoder(timeUnit: header.timeUnit)
  }

  /// The payload of the event that `next` returned last, until `next` is called again.
  public var payload: RawSpan {
    @_lifetime(borrow self) get { decoder.payload.current }
  }

  /// The next event; nil at the end.
  ///
  /// After an error the reader stays where it is and throws it again.
  /// - Complexity: O(1) beside the block's inflation, without allocation.
  @inline(__always) public mutating func next() throws(TraceError) -> TraceEvent? {
    while true {
      while decoder.isAtEnd {
        guard try nextBlock() else { return nil }
      }
      if let event = try nextInBlock() { return event }
    }
  }

  /// Hands every event from here on, with its payload, to `body`.
  public mutating func forEach(
    _ body: (TraceEvent, RawSpan) -> Void
  ) throws(TraceError) {
    while let event = try next() { body(event, payload) }
  }

  @inline(__always) private mutating func nextInBlock() throws(TraceError) -> TraceEvent? {
    do throws(DecodingFault) {
      let event = try decoder.next()
      eventNumber &+= 1
      if decoder.isAtEnd { try checkBlock() }
      return event
    } catch {
      throw blockError(error)
    }
  }

  private func checkBlock() throws(DecodingFault) {
    do throws(Corruption) { try decoder.checkEnd() } catch { throw .corrupt(error) }
  }

  private func blockError(_ fault: DecodingFault) -> TraceError {
    switch fault {
    case .corrupt(let corruption): .corrupt(offset: blockOffset, corruption)
    case .unknownKind(let kind): .unknownKind(kind, offset: blockOffset)
    }
  }

  private mutating func nextBlock() throws(TraceError) -> Bool {
    guard !isFinished else { return false }
    switch try blocks.nextPart() {
    case .events(let head, let offset):
      return try load(head, at: offset)
    case .index(let head, let offset):
      guard !continues || head.firstEvent == eventNumber else {
        throw .corrupt(offset: offset, .sequence)
      }
      isTruncated = try blocks.readIndex(head, at: offset) == nil
    case .truncated:
      isTruncated = true
    }
    isFinished = true
    statistics.octets = blocks.offset
    return false
  }

  private mutating func load(_ head: BlockHead, at offset: UInt64) throws(TraceError) -> Bool {
    guard !continues || head.firstEvent == eventNumber else {
      throw .corrupt(offset: offset, .sequence)
    }
    guard try blocks.readData(of: head, at: offset) else {
      isTruncated = true
      isFinished = true
      statistics.octets = offset
      return false
    }
    blockOffset = offset
    do throws(Corruption) {
      try decoder.load(head, blocks.stored, inflater: inflater)
    } catch {
      throw .corrupt(offset: offset, error)
    }
    eventNumber = head.firstEvent
    continues = true
    statistics.count(head)
    return true
  }
}
