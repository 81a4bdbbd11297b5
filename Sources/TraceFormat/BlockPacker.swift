/// Compresses full blocks and writes them to a file, the header before them and the index behind.
public final class BlockPacker: BlockSink {
  private let sink: any ByteSink
  private let deflater: Deflater
  private var stored = OctetBuffer()
  private var head = OctetBuffer()
  private var index = BlockIndex()
  /// See `BlockSink`.
  public private(set) var statistics = TraceStatistics()

  /// Writes the header.
  ///
  /// `level` is zlib's: 0 (as it is), 1 (fast) to 9 (small).
  public init(
    _ header: TraceHeader, to sink: any ByteSink, level: Int32 = 6
  ) throws(TraceWriteError) {
    self.sink = sink
    deflater = Deflater(level: level)
    header.append(to: &head)
    guard head.count <= TraceLimits.header else { throw .overLimit }
    Preamble.append(for: head, to: &stored)
    stored.append(head)
    try write(stored)
  }

  /// See `BlockSink`.
  public func take(_ block: consuming TraceBlock) throws(TraceWriteError) -> TraceBlock {
    var block = block
    stored.removeAll()
    if block.isPacked {
      block.head.append(to: &stored)
      stored.append(block.columns)
    } else {
      try pack(&block)
    }
    index.add(IndexEntry(block.head, at: statistics.octets))
    try write(stored)
    statistics.count(block.head)
    return block
  }

  /// See `BlockSink`. A block is written when it is taken.
  public func drain() {}

  /// See `BlockSink`.
  public func finish(_ end: consuming TraceBlock) throws(TraceWriteError) -> TraceStatistics {
    var last = end.head
    last.kind = BlockHead.Kind.index.rawValue
    stored.removeAll()
    index.append(to: &stored, head: last, at: statistics.octets)
    try write(stored)
    return statistics
  }

  private func pack(_ block: inout TraceBlock) throws(TraceWriteError) {
    stored.resize(to: BlockHead.size)
    try deflater.deflate(block.columns, into: &stored)
    block.head.columns = block.columns.count
    block.head.storedColumns = stored.count - BlockHead.size
    block.head.payload = block.payload.count
    if block.head.payload > 0 { try deflater.deflate(block.payload, into: &stored) }
    block.head.storedPayload = stored.count - BlockHead.size - block.head.storedColumns
    block.head.dataChecksum = Self.dataChecksum(stored)
    head.removeAll()
    block.head.append(to: &head)
    stored.overwriteStart(with: head)
  }

  private static func dataChecksum(_ stored: borrowing OctetBuffer) -> UInt32 {
    checksum(stored.bytes.extracting(BlockHead.size..<stored.count))
  }

  private func write(_ octets: borrowing OctetBuffer) throws(TraceWriteError) {
    do throws(TransferError) { try sink.write(octets.bytes) } catch { throw .transfer(error) }
    statistics.octets += UInt64(octets.count)
  }
}
