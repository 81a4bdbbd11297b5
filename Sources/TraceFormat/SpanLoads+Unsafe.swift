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

  /// Whether both hold the same octets.
  func holdsSame(as other: RawSpan) -> Bool {
    guard byteCount == other.byteCount else { return false }
    guard byteCount > 0 else { return true }
    return unsafe withUnsafeBytes { left in
      unsafe other.withUnsafeBytes { right in
        // SAFETY: both buffers are non-empty, hence not nil, and equally long.
        guard let l = left.baseAddress, let r = right.baseAddress else { return false }
        return unsafe memcmp(l, r, left.count) == 0
      }
    }
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
