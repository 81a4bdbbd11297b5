/// Reads numbers from a record, one after the other.
struct TapReader: ~Escapable {
  private let octets: RawSpan
  private(set) var offset = 0

  @_lifetime(copy octets)
  init(_ octets: RawSpan) { self.octets = octets }

  var remaining: Int { octets.byteCount - offset }

  @_lifetime(self: copy self)
  mutating func next<Number: FixedWidthInteger & BitwiseCopyable>(
    _ type: Number.Type = Number.self
  ) throws(TapDecodingError) -> Number {
    let size = MemoryLayout<Number>.size
    guard remaining >= size else { throw .short }
    // SAFETY: in bounds by the guard; every bit pattern is a number.
    let number = unsafe octets.unsafeLoadUnaligned(fromUncheckedByteOffset: offset, as: type)
    offset += size
    return Number(littleEndian: number)
  }

  @_lifetime(self: copy self)
  mutating func skip(_ count: Int) throws(TapDecodingError) {
    guard count >= 0, remaining >= count else { throw .short }
    offset += count
  }

  /// All octets of the record.
  func copied() -> [UInt8] {
    // SAFETY: the pointer does not leave the closure.
    unsafe octets.withUnsafeBytes { unsafe Array($0) }
  }
}

/// Why octets are not a record. That is a fault of ours: both ends of the ring buffer are.
enum TapDecodingError: Error {
  case short
  case unknownKind(UInt16)
}
