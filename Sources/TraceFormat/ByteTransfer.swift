internal import XenRing

/// Where octets of a trace come from: a file, a pipe, memory. Called once per block, not per event.
public protocol ByteSource: AnyObject {
  /// Octets in all; nil when that is not known, as with a pipe. Without it there is no seeking.
  var length: UInt64? { get }
  /// Fills `buffer` from `offset` on and returns the number of octets; fewer only at the end.
  ///
  /// A source without a length is asked for rising offsets only, each octet once.
  func read(at offset: UInt64, into buffer: inout MutableRawSpan) throws(TransferError) -> Int
}

/// Where octets of a trace go. Called once per block, not per event.
public protocol ByteSink: AnyObject {
  /// Appends all of `octets`.
  func write(_ octets: RawSpan) throws(TransferError)
}

/// Octets in memory as a source.
public final class MemorySource: ByteSource {
  private let octets: [UInt8]

  /// Takes the octets.
  public init(_ octets: [UInt8]) { self.octets = octets }

  /// See `ByteSource`.
  public var length: UInt64? { UInt64(octets.count) }

  /// See `ByteSource`.
  public func read(
    at offset: UInt64, into buffer: inout MutableRawSpan
  ) throws(TransferError) -> Int {
    guard offset < UInt64(octets.count) else { return 0 }
    let start = Int(offset)
    let count = min(buffer.byteCount, octets.count - start)
    let held = octets
    buffer.setOctets(held.span.octets.extracting(start..<start + count), at: 0)
    return count
  }
}

/// Octets in memory as a sink.
public final class MemorySink: ByteSink {
  /// What was written so far.
  public private(set) var octets: [UInt8] = []

  /// Makes an empty sink.
  public init() {}

  /// See `ByteSink`.
  public func write(_ octets: RawSpan) throws(TransferError) { self.octets.append(octets: octets) }
}
