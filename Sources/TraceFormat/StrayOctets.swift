internal import XenInterface
internal import XenRing

/// Octets of a trace's file that belong to nothing a reader shows: what an older reader skips, what
/// stands behind the end, what a head or the index could hide.
///
/// Compressed data is taken for what it inflates to.
public struct StrayOctets: Hashable, Sendable {
  /// Where they stand.
  public enum Part: String, Sendable {
    /// In the header, behind what is known of it.
    case header
    /// In a block of an unknown kind, or beside events of an unknown kind.
    case unknownKind
    /// In the head of a block, which says of times or numbers what its events do not.
    case head
    /// In the index, which is not what the blocks make it.
    case index
    /// At the end of a file that was cut, behind its last whole block.
    case end
  }

  /// Where they stand.
  public var part: Part
  /// Where that begins in the file.
  public var offset: UInt64

  /// Looks through a whole trace for the first ones; nil when there are none.
  public static func first(in source: any ByteSource) throws(TraceError) -> StrayOctets? {
    var search = StraySearch(source)
    return try search.run()
  }
}

/// Reads a trace block by block, and compares what surrounds the events with what they make it.
private struct StraySearch: ~Copyable {
  private var blocks: BlockSource
  private let inflater = Inflater()
  private var index = BlockIndex()
  /// The index's head as the events so far make it.
  private var end = BlockHead(.index)

  init(_ source: any ByteSource) { blocks = BlockSource(source) }

  mutating func run() throws(TraceError) -> StrayOctets? {
    let header = try blocks.readHeader()
    var known = OctetBuffer()
    header.append(to: &known)
    guard known.bytes.holdsSame(as: blocks.stored.bytes) else {
      return StrayOctets(part: .header, offset: UInt64(Preamble.size))
    }
    var decoder = EventDecoder(timeUnit: header.timeUnit)
    while true {
      let start = blocks.offset
      guard try blocks.read(BlockHead.size, at: start) else { return stray(.end, start) }
      let head = try BlockHead(blocks.stored.bytes, at: start)
      switch BlockHead.Kind(rawValue: head.kind) {
      case .events:
        if let part = try look(at: head, start, &decoder) { return stray(part, start) }
      case .index: return try isExpectedIndex(at: start) ? nil : stray(.index, start)
      case nil: return stray(.unknownKind, start)
      }
    }
  }

  private func stray(_ part: StrayOctets.Part, _ offset: UInt64) -> StrayOctets {
    StrayOctets(part: part, offset: offset)
  }

  /// Takes the block's events out, and says in which part of it something else stands.
  private mutating func look(
    at head: BlockHead, _ start: UInt64, _ decoder: inout EventDecoder
  ) throws(TraceError) -> StrayOctets.Part? {
    guard try blocks.readData(of: head, at: start) else { return .end }
    var times: (first: UInt64, last: UInt64)?
    do throws(DecodingFault) {
      do throws(Corruption) {
        try decoder.load(head, blocks.stored, inflater: inflater)
      } catch { throw .corrupt(error) }
      while !decoder.isAtEnd {
        guard let event = try decoder.next() else { return .unknownKind }
        let time = event.time.nanoseconds
        times = (times?.first ?? time, time)
      }
      do throws(Corruption) { try decoder.checkEnd() } catch { throw .corrupt(error) }
    } catch { throw error.traceError(inBlockAt: start) }
    let continues =
      (head.firstEvent, head.firstPacket, head.firstRingEvent)
      == (end.firstEvent, end.firstPacket, end.firstRingEvent)
    guard continues, head.firstTime == times?.first, head.lastTime == times?.last,
      !head.isSkippable
    else { return .head }
    count(head, at: start)
    return nil
  }

  private mutating func count(_ head: BlockHead, at start: UInt64) {
    index.add(IndexEntry(head, at: start))
    end.firstEvent &+= UInt64(head.events)
    end.firstPacket &+= UInt64(head.packets)
    end.firstRingEvent &+= UInt64(head.ringEvents)
    blocks.offset = start + UInt64(BlockHead.size + head.storedSize)
  }

  /// Whether the rest of the file is the index that the blocks make, and the tail.
  private mutating func isExpectedIndex(at start: UInt64) throws(TraceError) -> Bool {
    var expected = OctetBuffer()
    index.append(to: &expected, head: end, at: start)
    guard try blocks.read(expected.count, at: start),
      blocks.stored.bytes.holdsSame(as: expected.bytes)
    else { return false }
    return try !blocks.read(1, at: start + UInt64(expected.count))
  }
}
