internal import Glibc

// `bytes` and `mutableBytes` are unsafe for element types with padding or invalid bit patterns.
// UInt8 has neither, so for octets they are safe; these two names say so once.

extension Span where Element == UInt8 {
  /// The same octets as a raw span.
  public var octets: RawSpan {
    @_lifetime(copy self) @inlinable get {
      // SAFETY: every bit pattern is a UInt8.
      unsafe bytes
    }
  }
}

extension MutableSpan where Element == UInt8 {
  /// The same octets as a raw span.
  public var octets: MutableRawSpan {
    @_lifetime(&self) @inlinable mutating get {
      // SAFETY: every bit pattern is a UInt8.
      unsafe mutableBytes
    }
  }
}

extension MutableRawSpan {
  /// Copies all of `source` to the octets from `offset` on.
  ///
  /// - Precondition: they fit.
  @_lifetime(self: copy self)
  @inlinable public mutating func setOctets(_ source: RawSpan, at offset: Int) {
    precondition(offset >= 0 && source.byteCount <= byteCount - offset)
    // SAFETY: the range is checked above, and exclusive access to `self` rules out an overlap.
    unsafe withUnsafeMutableBytes { target in
      unsafe source.withUnsafeBytes { octets in
        guard let from = octets.baseAddress, let start = target.baseAddress else { return }
        unsafe (start + offset).copyMemory(from: from, byteCount: octets.count)
      }
    }
  }

  /// Moves `count` octets from `source` to the front.
  ///
  /// - Precondition: the range lies in the span.
  public mutating func moveToFront(from source: Int, count: Int) {
    precondition(source >= 0 && count >= 0 && count <= byteCount - source)
    // SAFETY: the range is checked above; `memmove` semantics allow the overlap.
    unsafe withUnsafeMutableBytes { octets in
      guard let start = octets.baseAddress else { return }
      unsafe start.copyMemory(from: start + source, byteCount: count)
    }
  }
}

extension RawSpan {
  /// The first octet in which the two differ, as far as both go; `nil` when there is none.
  public func firstDifference(from other: RawSpan) -> Int? {
    let count = Swift.min(byteCount, other.byteCount)
    // Most are the same from end to end.
    let (ours, theirs) = (extracting(first: count), other.extracting(first: count))
    if ours.holdsSame(as: theirs) { return nil }
    return (0..<count).first { octet(at: $0) != other.octet(at: $0) }
  }

  /// Whether both hold the same octets.
  public func holdsSame(as other: RawSpan) -> Bool {
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

  /// The octet at `offset`.
  ///
  /// - Precondition: it lies in the span.
  public func octet(at offset: Int) -> UInt8 {
    precondition(offset >= 0 && offset < byteCount)
    // SAFETY: in bounds by the precondition; every bit pattern is a UInt8.
    return unsafe unsafeLoad(fromUncheckedByteOffset: offset, as: UInt8.self)
  }
}

extension RawSpan {
  /// The same octets as an array.
  public var array: [UInt8] {
    var octets: [UInt8] = []
    octets.append(octets: self)
    return octets
  }
}

extension [UInt8] {
  /// Appends all of `source`.
  public mutating func append(octets source: RawSpan) {
    unsafe source.withUnsafeBytes {
      // SAFETY: the buffer is read within the closure only.
      unsafe append(contentsOf: $0)
    }
  }
}
