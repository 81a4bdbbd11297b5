internal import Glibc

// Loads and comparisons of spans, all bounds-checked.

extension RawSpan {
  /// The little-endian integer at `offset`.
  @inline(__always) func load<T: FixedWidthInteger & BitwiseCopyable>(
    at offset: Int, as type: T.Type
  ) -> T {
    // SAFETY: every bit pattern of an integer is a value, and the span checks the bounds.
    unsafe T(littleEndian: unsafeLoadUnaligned(fromByteOffset: offset, as: type))
  }
}

extension RawSpan {
  /// Where `octet` is found first at `start` or behind it.
  func firstPlace(of octet: UInt8, from start: Int) -> Int? {
    guard start < byteCount else { return nil }
    return unsafe withUnsafeBytes { buffer in
      // SAFETY: the buffer is not empty, and `memchr` looks at the octets from `start` on only.
      guard let base = buffer.baseAddress,
        let found = unsafe memchr(base + start, Int32(octet), buffer.count - start)
      else { return nil }
      return unsafe UnsafeRawPointer(found) - base
    }
  }
}
