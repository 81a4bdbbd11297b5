/// Why a trace cannot be read, or not further.
public enum TraceError: Error, Hashable, Sendable {
  /// The file does not begin as a trace does.
  case notATrace
  /// The file is a trace whose numbers, or all octets, are in the order of another machine.
  case foreignByteOrder
  /// The file's major version is not this library's.
  case unsupportedVersion(major: UInt16, minor: UInt16)
  /// The file ends inside its header. (One that ends later is read up to its last whole block.)
  case truncated(offset: UInt64)
  /// The octets from `offset` on are not what was written.
  case corrupt(offset: UInt64, Corruption)
  /// The block at `offset` has an event of a kind that is unknown and must not be skipped.
  case unknownKind(UInt32, offset: UInt64)
  /// The block or header at `offset` claims more than `TraceLimits` allows.
  case overLimit(offset: UInt64)
  /// The file could not be read.
  case transfer(TransferError)
}

/// What is wrong with a part of a trace.
public enum Corruption: UInt8, Error, Sendable {
  /// Line ends were converted: the file went through something made for text.
  case textConversion
  /// A checksum does not match.
  case checksum
  /// No block begins where one should.
  case marker
  /// A field that must be zero is not.
  case reserved
  /// Compressed data does not inflate to the length it claims.
  case compression
  /// A value is outside of what its field allows.
  case value
  /// A column, string or list ends early.
  case shortColumn
  /// A column has more than its events take.
  case longColumn
  /// A block does not continue the one before it.
  case sequence
  /// Octets follow the end.
  case trailing
}

/// Why a trace cannot be written.
public enum TraceWriteError: Error, Hashable, Sendable {
  /// The payload is not as long as the event says.
  case payloadMismatch(expected: Int, actual: Int)
  /// The header, or an event's payload, is longer than `TraceLimits` allows.
  case overLimit
  /// Compression failed; zlib's code.
  case compression(Int32)
  /// The octets could not be written.
  case transfer(TransferError)
}

/// Why octets could not be read or written; `code` is the operating system's error number.
public struct TransferError: Error, Hashable, Sendable {
  /// The operating system's error number.
  public var code: Int32

  /// Takes an error number.
  public init(code: Int32) { self.code = code }
}
