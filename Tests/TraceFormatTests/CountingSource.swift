import TraceFormat

/// A source that counts what is read of it.
final class CountingSource: ByteSource {
  private let source: MemorySource
  private let hasLength: Bool
  private(set) var octets = 0

  init(_ octets: [UInt8], hasLength: Bool = true) {
    source = MemorySource(octets)
    self.hasLength = hasLength
  }

  var length: UInt64? { hasLength ? source.length : nil }

  func read(at offset: UInt64, into buffer: inout MutableRawSpan) throws(TransferError) -> Int {
    let count = try source.read(at: offset, into: &buffer)
    octets += count
    return count
  }
}
