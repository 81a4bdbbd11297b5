public import TraceFormat
internal import XenRing

/// A source whose first octets were looked at, to see what it is.
public final class PeekedSource: ByteSource {
  /// The octets that were looked at; fewer than asked for where the source is as short.
  public let start: [UInt8]
  private let source: any ByteSource

  /// Looks at the first `count` octets.
  public init(_ source: any ByteSource, count: Int) throws(TransferError) {
    self.source = source
    var octets = [UInt8](repeating: 0, count: count)
    var span = octets.mutableSpan
    var buffer = span.octets
    let read = try source.read(at: 0, into: &buffer)
    start = Array(octets.prefix(read))
  }

  /// See `ByteSource`.
  public var length: UInt64? { source.length }

  /// See `ByteSource`.
  public func read(
    at offset: UInt64, into buffer: inout MutableRawSpan
  ) throws(TransferError) -> Int {
    guard offset < start.count else { return try source.read(at: offset, into: &buffer) }
    let known = start[Int(offset)...].prefix(buffer.byteCount)
    buffer.setOctets(known.span.octets, at: 0)
    guard known.count < buffer.byteCount else { return known.count }
    var rest = buffer._mutatingExtracting(droppingFirst: known.count)
    return known.count + (try source.read(at: offset + UInt64(known.count), into: &rest))
  }
}
