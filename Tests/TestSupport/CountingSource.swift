public import TraceFormat

/// A source in memory that counts what is read of it.
public final class CountingSource: ByteSource {
  private let source: MemorySource
  private let hasLength: Bool
  /// Octets read so far.
  public private(set) var octets = 0

  /// Takes the octets; without a length it is like a pipe.
  public init(_ octets: [UInt8], hasLength: Bool = true) {
    source = MemorySource(octets)
    self.hasLength = hasLength
  }

  /// See `ByteSource`.
  public var length: UInt64? { hasLength ? source.length : nil }

  /// See `ByteSource`.
  public func read(
    at offset: UInt64, into buffer: inout MutableRawSpan
  ) throws(TransferError) -> Int {
    let count = try source.read(at: offset, into: &buffer)
    octets += count
    return count
  }
}
