internal import XenRing

/// A trace as blocks: finds them, checks that they are whole, says when the file ends.
struct BlockSource: ~Copyable {
  /// What stands at a place in the file.
  enum Part {
    /// A block of events; its data is in `stored` once `readData` was called.
    case events(BlockHead, offset: UInt64)
    /// The index, and with it the end.
    case index(BlockHead, offset: UInt64)
    /// The file ends here, without an index.
    case truncated
  }

  let source: any ByteSource
  /// Where the next block begins.
  var offset: UInt64 = 0
  /// Where the first block begins.
  private(set) var firstBlock: UInt64 = 0
  /// Octets read last.
  var stored = OctetBuffer()

  init(_ source: any ByteSource) { self.source = source }

  /// Reads preamble and header.
  mutating func readHeader() throws(TraceError) -> TraceHeader {
    _ = try read(Preamble.size, at: 0)
    let (length, expected) = try Preamble.parse(stored.bytes)
    guard try read(length, at: UInt64(Preamble.size)) else {
      throw .truncated(offset: UInt64(Preamble.size + stored.count))
    }
    guard checksum(stored.bytes) == expected else {
      throw .corrupt(offset: UInt64(Preamble.size), .checksum)
    }
    offset = UInt64(Preamble.size + length)
    firstBlock = offset
    var cursor = OctetCursor(stored.bytes)
    do throws(Corruption) { return try TraceHeader(&cursor) } catch {
      throw .corrupt(offset: UInt64(Preamble.size + cursor.position), error)
    }
  }

  /// Reads the head of the next block that we know and moves behind it and its data.
  mutating func nextPart() throws(TraceError) -> Part {
    while true {
      let start = offset
      guard try read(BlockHead.size, at: start), !isZero else { return .truncated }
      let head = try BlockHead(stored.bytes, at: start)
      offset = start + UInt64(BlockHead.size + head.storedSize)
      switch BlockHead.Kind(rawValue: head.kind) {
      case .events: return .events(head, offset: start)
      case .index: return .index(head, offset: start)
      case nil:
        guard head.isSkippable else { throw .unknownKind(UInt32(head.kind), offset: start) }
      }
    }
  }

  /// Reads the data of a block into `stored`; false when the file ends within it.
  mutating func readData(of head: BlockHead, at start: UInt64) throws(TraceError) -> Bool {
    try read(head.storedSize, at: start + UInt64(BlockHead.size))
  }

  /// Reads the index whose head was read, and the tail; nil when the file ends within them.
  mutating func readIndex(
    _ head: BlockHead, at start: UInt64
  ) throws(TraceError) -> BlockIndex? {
    guard try readData(of: head, at: start) else { return nil }
    guard checksum(stored.bytes) == head.dataChecksum else {
      throw .corrupt(offset: start, .checksum)
    }
    let index: BlockIndex
    do throws(Corruption) { index = try BlockIndex(stored.bytes, before: start) } catch {
      throw .corrupt(offset: start, error)
    }
    let tail = offset
    guard try read(IndexEntry.tailSize, at: tail) else { return nil }
    guard IndexEntry.indexOffset(tail: stored.bytes) == start else {
      throw .corrupt(offset: tail, .marker)
    }
    guard try !read(1, at: tail + UInt64(IndexEntry.tailSize)) else {
      throw .corrupt(offset: tail + UInt64(IndexEntry.tailSize), .trailing)
    }
    return index
  }

  /// Reads `count` octets into `stored`, as room by room as they come; false when there are fewer.
  mutating func read(_ count: Int, at start: UInt64) throws(TraceError) -> Bool {
    stored.removeAll()
    while stored.count < count {
      let done = stored.count
      let room = min(count - done, 1 << 18)
      stored.extend(by: room)
      let got = try Self.fill(&stored, from: done, source, at: start)
      stored.resize(to: done + got)
      if got < room { return false }
    }
    return true
  }

  private static func fill(
    _ stored: inout OctetBuffer, from done: Int, _ source: any ByteSource, at start: UInt64
  ) throws(TraceError) -> Int {
    let room = stored.count - done
    var octets = stored.mutableBytes
    var target = octets._mutatingExtracting(last: room)
    do throws(TransferError) {
      return min(try source.read(at: start &+ UInt64(done), into: &target), room)
    } catch {
      throw .transfer(error)
    }
  }

  // A host that crashed may leave zeros where the file system had no time for the data.
  private var isZero: Bool {
    (0..<stored.count).allSatisfy { stored.octet(at: $0) == 0 }
  }
}
