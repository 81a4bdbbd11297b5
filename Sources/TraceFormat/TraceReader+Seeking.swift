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

  /// Goes to the start of the last block before the first that begins or ends at `time` or later.
  ///
  /// So events before `time` come first, and since times need not rise, later ones may, too.
  public mutating func seek(toBlockOf time: MonotonicInstant) throws(TraceError) {
    try go { max($0.firstTime, $0.lastTime) < time.nanoseconds }
  }

  /// Goes towards a place, as far as can be known without looking at events: they stand before it.
  ///
  /// - Returns: what is known of the events that were passed over; nil when none were.
  public mutating func seek(before point: TracePoint) throws(TraceError) -> PassedEvents? {
    guard let first = try extent()?.begin else { return nil }
    switch point {
    case .event(let number): try seek(toEvent: number)
    case .time(let nanoseconds): try seek(toBlockOf: first.advanced(by: nanoseconds))
    case .packet(let number): try go { $0.firstPacket < number }
    case .slot: return nil
    }
    return passed(since: first)
  }

  /// Goes back to where the state of each vif is known: to the last snapshots before the next event.
  ///
  /// - Returns: as `seek(before:)`.
  public mutating func seekSnapshots() throws(TraceError) -> PassedEvents? {
    guard let first = try extent()?.begin else { return nil }
    try seek(toSnapshotsBefore: eventNumber)
    return passed(since: first)
  }

  private func passed(since first: MonotonicInstant) -> PassedEvents? {
    eventNumber > 0 ? PassedEvents(first: first, packets: packetNumber) : nil
  }

  /// How far the trace goes; nil of a source without a length, and of a trace without events.
  ///
  /// Reads the index and some heads; all heads where there is no index.
  public mutating func extent() throws(TraceError) -> TraceExtent? {
    guard let first = try lastBlock(where: { _ in false }),
      let last = try lastBlock(where: { _ in true })
    else { return nil }
    return TraceExtent(from: first.head, to: last.head)
  }

  /// The block that ends before the event of a number, or with it.
  mutating func block(
    before number: UInt64
  ) throws(TraceError) -> (head: BlockHead, offset: UInt64)? {
    let block = try lastBlock { $0.firstEvent < number }
    return block.flatMap { $0.head.firstEvent < number ? $0 : nil }
  }

  /// Goes to the last of the first blocks of which `isBefore` is true.
  private mutating func go(_ isBefore: (IndexEntry) -> Bool) throws(TraceError) {
    if let block = try lastBlock(where: isBefore) { try go(toBlockAt: block.offset) }
  }

  /// The last of the first blocks of which `isBefore` is true; the first where it is of none.
  private mutating func lastBlock(
    where isBefore: (IndexEntry) -> Bool
  ) throws(TraceError) -> (head: BlockHead, offset: UInt64)? {
    guard blocks.source.length != nil else { return nil }
    let here = blocks.offset
    defer { blocks.offset = here }
    if index == nil { index = try blocks.storedIndex() }
    if let index, let block = blocks.lastBlock(where: isBefore, in: index) { return block }
    // There is none, or it says of a block what is not so.
    let rebuilt = blocks.rebuiltIndex()
    index = rebuilt
    return blocks.lastBlock(where: isBefore, in: rebuilt)
  }
}

extension BlockSource {
  /// The index at the file's end; nil when there is none that can be trusted.
  fileprivate mutating func storedIndex() throws(TraceError) -> BlockIndex? {
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
  ///
  /// Heads are not looked for elsewhere, from the end for one: what a guest sent may look like one.
  fileprivate mutating func rebuiltIndex() -> BlockIndex {
    var index = BlockIndex(limit: BlockIndex.kept)
    offset = firstBlock
    while let (head, place) = nextWhole() { index.add(IndexEntry(head, at: place)) }
    return index
  }

  /// The last of the first blocks of which `isBefore` is true; the first where it is of none. An
  /// index may leave blocks out: from its entry on, heads say.
  ///
  /// - Returns: nil where the block is not the one that the index has there.
  fileprivate mutating func lastBlock(
    where isBefore: (IndexEntry) -> Bool, in index: BlockIndex
  ) -> (head: BlockHead, offset: UInt64)? {
    guard let entry = index.last(where: isBefore) else { return nil }
    offset = entry.offset
    guard var found = nextWhole(), IndexEntry(found.head, at: found.offset) == entry else {
      return nil
    }
    while let next = nextWhole(), isBefore(IndexEntry(next.head, at: next.offset)) { found = next }
    return found
  }

  /// The next block of events; nil where it is not whole, or there is none.
  private mutating func nextWhole() -> (head: BlockHead, offset: UInt64)? {
    guard case .events(let head, let place) = try? nextPart(), offset <= source.length ?? 0 else {
      return nil
    }
    return (head, place)
  }
}
