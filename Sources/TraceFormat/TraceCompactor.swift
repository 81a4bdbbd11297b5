/// Copies a trace, merging the small blocks that a recorder wrote once a second.
///
/// Blocks that are large enough are copied as they are. What comes out has an index and an end, so
/// a trace that was cut is a whole one afterwards. Of traces that go on from one another it makes one.
public struct TraceCompactor: ~Copyable {
  /// Which side of the copy failed.
  public enum Failure: Error, Hashable, Sendable {
    /// The trace could not be read further.
    case read(TraceError)
    /// The copy could not be written.
    case write(TraceWriteError)
  }

  private var blocks: BlockSource
  private var decoder: EventDecoder
  private let inflater = Inflater()
  private var writer: TraceWriter
  private var isTruncated = false

  /// Copies what `source` holds to `sink`; says how much, and whether `source` was cut.
  public static func compact(
    _ source: any ByteSource, into sink: any ByteSink, level: Int32 = 6
  ) throws(Failure) -> (statistics: TraceStatistics, isTruncated: Bool) {
    var compactor = try TraceCompactor(source, into: sink, level: level)
    while try compactor.copyBlock() {}
    let isTruncated = compactor.isTruncated
    return (try compactor.finish(), isTruncated)
  }

  /// Begins to copy a trace, whose header is written.
  public init(
    _ source: any ByteSource, into sink: any ByteSink, level: Int32 = 6
  ) throws(Failure) {
    var blocks = BlockSource(source)
    let header: TraceHeader
    do throws(TraceError) { header = try blocks.readHeader() } catch { throw .read(error) }
    do throws(TraceWriteError) {
      writer = try TraceWriter(header, to: sink, level: level)
    } catch { throw .write(error) }
    self.blocks = blocks
    decoder = EventDecoder(timeUnit: header.timeUnit)
  }

  /// Goes on with a trace that begins where the last one ended, in the same clock and time unit. Of its
  /// header nothing is kept.
  public mutating func goOn(with source: any ByteSource) throws(Failure) {
    var next = BlockSource(source)
    do throws(TraceError) { _ = try next.readHeader() } catch { throw .read(error) }
    blocks = next
  }

  /// Copies the next block; says whether there was one.
  public mutating func copyBlock() throws(Failure) -> Bool {
    guard let (head, offset) = try nextBlock() else { return false }
    do throws(Corruption) {
      try decoder.load(head, blocks.stored, inflater: inflater)
    } catch { throw .read(.corrupt(offset: offset, error)) }
    if head.isLarge {
      do throws(TraceWriteError) { try writer.copy(head, data: blocks.stored) } catch {
        throw .write(error)
      }
    } else {
      while !decoder.isAtEnd { try copyEvent(of: offset) }
    }
    return true
  }

  private mutating func nextBlock() throws(Failure) -> (BlockHead, UInt64)? {
    do throws(TraceError) {
      switch try blocks.nextPart() {
      case .events(let head, let offset):
        if try blocks.readData(of: head, at: offset) { return (head, offset) }
        isTruncated = true
      case .index(let head, let offset):
        isTruncated = try blocks.readIndex(head, at: offset) == nil
      case .truncated:
        isTruncated = true
      }
      return nil
    } catch {
      throw .read(error)
    }
  }

  private mutating func copyEvent(of offset: UInt64) throws(Failure) {
    let event: TraceEvent?
    do throws(DecodingFault) { event = try decoder.next() } catch {
      throw .read(error.traceError(inBlockAt: offset))
    }
    guard let event else { return }
    do throws(TraceWriteError) {
      try writer.append(event, payloadOf: decoder.payload)
    } catch { throw .write(error) }
  }

  /// Writes the end of the copy.
  public consuming func finish() throws(Failure) -> TraceStatistics {
    do throws(TraceWriteError) { return try writer.finish() } catch { throw .write(error) }
  }
}

extension BlockHead {
  /// Whether merging it with others would gain little.
  fileprivate var isLarge: Bool {
    columns >= TraceLimits.columns / 16 || payload >= TraceLimits.blockPayload / 8
  }
}
