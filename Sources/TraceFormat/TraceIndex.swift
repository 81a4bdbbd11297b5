/// Where a block is and what it begins with.
struct IndexEntry: Hashable {
  /// Octets of an entry.
  static var size: Int { 40 }
  /// Octets of what stands behind the index, at the very end: "RSTE".
  static var tailSize: Int { 16 }
  static var tailMarker: UInt32 { 0x4554_5352 }

  var offset: UInt64
  var firstEvent: UInt64
  var firstPacket: UInt64
  var firstTime: UInt64
  var lastTime: UInt64

  /// Describes the block at `offset`.
  init(_ head: BlockHead, at offset: UInt64) {
    self.offset = offset
    firstEvent = head.firstEvent
    firstPacket = head.firstPacket
    firstTime = head.firstTime
    lastTime = head.lastTime
  }

  fileprivate init(_ cursor: inout OctetCursor) throws(Corruption) {
    offset = try cursor.take(UInt64.self)
    firstEvent = try cursor.take(UInt64.self)
    firstPacket = try cursor.take(UInt64.self)
    firstTime = try cursor.take(UInt64.self)
    lastTime = try cursor.take(UInt64.self)
  }

  /// Where the tail says the index is; nil when it is none.
  static func indexOffset(tail bytes: RawSpan) -> UInt64? {
    guard bytes.byteCount == tailSize, bytes.load(at: 8, as: UInt32.self) == tailMarker,
      checksum(bytes.extracting(0..<12)) == bytes.load(at: 12, as: UInt32.self)
    else { return nil }
    return bytes.load(at: 0, as: UInt64.self)
  }
}

/// Where blocks are: all of them or, where there is no room for so many, every second one, every
/// fourth and so on.
struct BlockIndex {
  /// Entries that a reader keeps: an index of any size is read in little memory.
  static var kept: Int { 1 << 16 }

  private(set) var entries: [IndexEntry] = []
  private let limit: Int
  private var blocks = 0
  private var step = 1

  /// Has room for as many entries as the index of a file.
  init(limit: Int = TraceLimits.index / IndexEntry.size) { self.limit = limit }

  /// Parses an index block's octets; the blocks' offsets rise and lie before `end`.
  init(_ bytes: RawSpan, before end: UInt64) throws(Corruption) {
    guard bytes.byteCount.isMultiple(of: IndexEntry.size) else { throw .longColumn }
    self.init(limit: Self.kept)
    var cursor = OctetCursor(bytes)
    var last: UInt64 = 0
    while cursor.left > 0 {
      let entry = try IndexEntry(&cursor)
      guard entry.offset > last, entry.offset < end else { throw .value }
      last = entry.offset
      add(entry)
    }
  }

  /// Takes the entry of the next block.
  mutating func add(_ entry: IndexEntry) {
    defer { blocks += 1 }
    guard blocks.isMultiple(of: step) else { return }
    if entries.count == limit { thin() }
    if blocks.isMultiple(of: step) { entries.append(entry) }
  }

  /// The last of the first entries of which `isBefore` is true; the first where it is of none.
  func last(where isBefore: (IndexEntry) -> Bool) -> IndexEntry? {
    let count = entries.firstIndex { !isBefore($0) } ?? entries.count
    return entries.isEmpty ? nil : entries[max(count - 1, 0)]
  }

  /// Writes the index block, whose head begins as `head`, and the tail that says where it is.
  func append(to target: inout OctetBuffer, head: BlockHead, at offset: UInt64) {
    var list = OctetBuffer()
    for entry in entries {
      for number in [
        entry.offset, entry.firstEvent, entry.firstPacket, entry.firstTime, entry.lastTime,
      ] {
        list.append(littleEndian: number)
      }
    }
    var head = head
    head.columns = list.count
    head.storedColumns = list.count
    head.dataChecksum = checksum(list.bytes)
    head.append(to: &target)
    target.append(list.bytes)
    let start = target.count
    target.append(littleEndian: offset)
    target.append(littleEndian: IndexEntry.tailMarker)
    target.append(littleEndian: checksum(target.bytes.extracting(start..<start + 12)))
  }

  private mutating func thin() {
    entries = stride(from: 0, to: entries.count, by: 2).map { entries[$0] }
    step *= 2
  }
}
