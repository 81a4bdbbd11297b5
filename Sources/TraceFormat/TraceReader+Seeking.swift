public import XenInterface

extension TraceReader {
  /// Goes to the event of a number; to the end when there are fewer. Of a source without a length,
  /// such as a pipe, only forward.
  public mutating func seek(toEvent number: UInt64) throws(TraceError) {
    try go { $0.firstEvent <= number }
    while eventNumber < number, try next() != nil {}
  }

  /// Goes to the packet of a number, counted in frames delivered, taken and dropped.
  public mutating func seek(toPacket number: UInt64) throws(TraceError) {
    try go { $0.firstPacket <= number }
    while packetNumber < number, try next() != nil {}
  }

  /// Goes to the start of a block before which no block ends at `time` or later.
  ///
  /// So events before `time` may come first, and since times need not rise, later ones too.
  public mutating func seek(toBlockOf time: MonotonicInstant) throws(TraceError) {
    try go { $0.firstTime <= time.nanoseconds }
  }

  /// Goes to the last of the first blocks of which `isBefore` is true.
  private mutating func go(_ isBefore: (IndexEntry) -> Bool) throws(TraceError) {
    guard blocks.source.length != nil else { return }
    let entries = try index()
    let place = max(entries.prefix(while: isBefore).count - 1, 0)
    if place < entries.count { try go(toBlockAt: entries[place].offset) }
  }

  /// The index: the file's, or else one made from the heads of its blocks.
  private mutating func index() throws(TraceError) -> [IndexEntry] {
    if let entries { return entries }
    let here = blocks.offset
    defer { blocks.offset = here }
    var list = try blocks.storedIndex()
    if list == nil { list = try blocks.rebuiltIndex() }
    entries = list
    return list ?? []
  }
}

extension BlockSource {
  /// The index at the file's end; nil when there is none that can be trusted.
  fileprivate mutating func storedIndex() throws(TraceError) -> [IndexEntry]? {
    let tail = UInt64(IndexEntry.tailSize)
    guard let length = source.length, length > firstBlock + tail else { return nil }
    guard try read(IndexEntry.tailSize, at: length - tail),
      let start = IndexEntry.indexOffset(tail: stored.bytes), start >= firstBlock,
      start < length
    else { return nil }
    offset = start
    do throws(TraceError) {
      guard case .index(let head, let place) = try nextPart() else { return nil }
      return try readIndex(head, at: place)
    } catch {
      return nil
    }
  }

  /// The index as the heads of the blocks make it, up to the first that is not whole.
  fileprivate mutating func rebuiltIndex() throws(TraceError) -> [IndexEntry] {
    var list: [IndexEntry] = []
    offset = firstBlock
    while case .events(let head, let place) = try? nextPart() {
      list.append(IndexEntry(head, at: place))
    }
    return list
  }
}
