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

  private init(_ cursor: inout OctetCursor) throws(Corruption) {
    offset = try cursor.take(UInt64.self)
    firstEvent = try cursor.take(UInt64.self)
    firstPacket = try cursor.take(UInt64.self)
    firstTime = try cursor.take(UInt64.self)
    lastTime = try cursor.take(UInt64.self)
  }

  /// Writes the index block and the tail that says where it is.
  static func append(
    _ entries: [IndexEntry], head: BlockHead, at offset: UInt64, to target: inout OctetBuffer
  ) {
    var list = OctetBuffer()
    // An index that would be too long leaves out all but every so manieth block.
    let step = entries.count * size / TraceLimits.index + 1
    for place in stride(from: 0, to: entries.count, by: step) {
      let entry = entries[place]
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
    target.append(littleEndian: tailMarker)
    target.append(littleEndian: checksum(target.bytes.extracting(start..<start + 12)))
  }

  /// Parses an index block's octets; the blocks' offsets rise.
  static func list(_ bytes: RawSpan) throws(Corruption) -> [IndexEntry] {
    guard bytes.byteCount.isMultiple(of: size) else { throw .longColumn }
    var cursor = OctetCursor(bytes)
    var entries: [IndexEntry] = []
    while cursor.left > 0 {
      let entry = try IndexEntry(&cursor)
      guard entry.offset > entries.last?.offset ?? 0 else { throw .value }
      entries.append(entry)
    }
    return entries
  }

  /// Where the tail says the index is; nil when it is none.
  static func indexOffset(tail bytes: RawSpan) -> UInt64? {
    guard bytes.byteCount == tailSize, bytes.load(at: 8, as: UInt32.self) == tailMarker,
      checksum(bytes.extracting(0..<12)) == bytes.load(at: 12, as: UInt32.self)
    else { return nil }
    return bytes.load(at: 0, as: UInt64.self)
  }
}
