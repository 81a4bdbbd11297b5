/// A full block on its way into a file: its events in columns, not yet compressed.
///
/// Whoever holds it is its only holder, so it may go from one thread to another.
public struct TraceBlock: ~Copyable, Sendable {
  /// What will stand before it in the file; sizes and checksum are put in when it is packed.
  var head = BlockHead(.events)
  /// The columns, or all that stands behind the head when `isPacked`.
  var columns = OctetBuffer()
  /// The payload.
  var payload = OctetBuffer()
  /// Whether it is a block of another trace, to be written as it is.
  var isPacked = false

  /// Makes an empty block, to be filled by a writer.
  public init() {}

  /// Octets that it holds now.
  public var byteCount: Int { columns.count + payload.count }
}

/// Takes full blocks from a writer: the packer itself, or somebody who has another thread pack.
public protocol BlockSink: AnyObject {
  /// What has reached the file so far.
  var statistics: TraceStatistics { get }
  /// Takes a full block and gives one for the next events.
  ///
  /// - Throws: why this block, or one before it, could not be written.
  func take(_ block: consuming TraceBlock) throws(TraceWriteError) -> TraceBlock
  /// Waits until all blocks that were taken are written.
  func drain() throws(TraceWriteError)
  /// Writes the end of the trace, behind all blocks; `end` says what comes after the last event.
  func finish(_ end: consuming TraceBlock) throws(TraceWriteError) -> TraceStatistics
}
