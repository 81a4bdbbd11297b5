/// Reads a trace, event by event, and trusts nothing in it. It holds one block at a time.
public struct TraceReader: ~Copyable {
  /// What the trace says of itself.
  public let header: TraceHeader
  /// Whether the file ends without its index, as it does when a recorder was killed. Known once
  /// `next` returned nil; what was read until then is good.
  public private(set) var isTruncated = false
  /// What was counted in the blocks read since the beginning or the last seek; `lost` is not, gaps
  /// are events to be looked at.
  public private(set) var statistics = TraceStatistics()
  /// Number of the next event in the file, skipped ones counted.
  public private(set) var eventNumber: UInt64 = 0
  var blocks: BlockSource
  private var decoder: EventDecoder
  private let inflater = Inflater()
  private var blockOffset: UInt64 = 0
  private var isFinished = false
  /// Whether the next block has to go on where the last one ended.
  private var continues = true
  private var failure: TraceError?
  /// The index, once it was asked for.
  var index: BlockIndex?

  /// Reads the header.
  public init(_ source: any ByteSource) throws(TraceError) {
    var blocks = BlockSource(source)
    header = try blocks.readHeader()
    self.blocks = blocks
    decoder = EventDecoder(timeUnit: header.timeUnit)
  }

  /// Number of the next packet: frames delivered, taken and dropped.
  public var packetNumber: UInt64 { decoder.head.firstPacket &+ UInt64(decoder.packets) }

  /// The payload of the event that `next` returned last, until `next` is called again.
  public var payload: RawSpan {
    // Mutating, for a reader that is borrowed is copied first, all of it.
    @_lifetime(&self) mutating get { decoder.payload.current }
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

  /// Goes on behind the end of what there was: more has come since. Where the file has ended, it stays so.
  package mutating func resume() {
    guard isTruncated else { return }
    blocks.offset = statistics.octets
    isTruncated = false
    isFinished = false
  }

  /// Octets of the file that are not needed any more.
  package var readOctets: UInt64 { blocks.offset }

  /// Hands every event from here on, with its payload, to `body`.
  public mutating func forEach(
    _ body: (TraceEvent, RawSpan) -> Void
  ) throws(TraceError) {
    while let event = try next() { body(event, payload) }
  }

  /// Has the next event be the first of the block at `offset`.
  mutating func go(toBlockAt offset: UInt64) throws(TraceError) {
    blocks.offset = offset
    decoder.abandon()
    isFinished = false
    isTruncated = false
    continues = false
    failure = nil
    statistics = TraceStatistics()
    _ = try nextBlock()
  }

  @inline(__always) private mutating func nextInBlock() throws(TraceError) -> TraceEvent? {
    do throws(DecodingFault) {
      let event = try decoder.next()
      eventNumber &+= 1
      if decoder.isAtEnd { try checkBlock() }
      return event
    } catch {
      throw fail(error)
    }
  }

  private func checkBlock() throws(DecodingFault) {
    do throws(Corruption) { try decoder.checkEnd() } catch { throw .corrupt(error) }
  }

  @inline(never) private mutating func fail(_ fault: DecodingFault) -> TraceError {
    let error = fault.traceError(inBlockAt: blockOffset)
    decoder.abandon()
    failure = error
    return error
  }

  private mutating func nextBlock() throws(TraceError) -> Bool {
    guard !isFinished else { return false }
    if let failure { throw failure }
    do throws(TraceError) {
      if try loadBlock() { return true }
    } catch {
      failure = error
      throw error
    }
    isFinished = true
    return false
  }

  private mutating func loadBlock() throws(TraceError) -> Bool {
    let start = blocks.offset
    switch try blocks.nextPart() {
    case .events(let head, let offset):
      try checkSequence(head, at: offset)
      isTruncated = try !blocks.readData(of: head, at: offset)
      if !isTruncated { try load(head, at: offset) }
      statistics.octets = isTruncated ? offset : blocks.offset
      return !isTruncated
    case .index(let head, let offset):
      try checkSequence(head, at: offset)
      isTruncated = try blocks.readIndex(head, at: offset) == nil
      statistics.octets = isTruncated ? offset : blocks.offset + UInt64(IndexEntry.tailSize)
      return false
    case .truncated:
      isTruncated = true
      statistics.octets = start
      return false
    }
  }

  private func checkSequence(_ head: BlockHead, at offset: UInt64) throws(TraceError) {
    let isNext = head.firstEvent == eventNumber && head.firstPacket == packetNumber
    guard !continues || isNext else { throw .corrupt(offset: offset, .sequence) }
  }

  private mutating func load(_ head: BlockHead, at offset: UInt64) throws(TraceError) {
    blockOffset = offset
    do throws(Corruption) {
      try decoder.load(head, blocks.stored, inflater: inflater)
    } catch {
      throw .corrupt(offset: offset, error)
    }
    continues = true
    eventNumber = head.firstEvent
    statistics.count(head)
  }
}
