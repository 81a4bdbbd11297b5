// `bytes` and `mutableBytes` are unsafe for element types with padding or invalid bit patterns.
// UInt8 has neither, so for octets they are safe; these two names say so once.

extension Span where Element == UInt8 {
  /// The same octets as a raw span.
  public var octets: RawSpan {
    @_lifetime(copy self) get {
      // SAFETY: every bit pattern is a UInt8.
      unsafe bytes
    }
  }
}

extension MutableSpan where Element == UInt8 {
  /// The same octets as a raw span.
  public var octets: MutableRawSpan {
    @_lifetime(&self) mutating get {
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
  public mutating func setOctets(_ source: RawSpan, at offset: Int) {
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
    var place = 0
    // Four words at a time: most frames are the same from end to end.
    while place + 32 <= count,
      difference(from: other, at: place) | difference(from: other, at: place + 8)
        | difference(from: other, at: place + 16) | difference(from: other, at: place + 24) == 0
    {
      place += 32
    }
    while place + 8 <= count, difference(from: other, at: place) == 0 { place += 8 }
    while place < count, octet(at: place) == other.octet(at: place) { place += 1 }
    return place < count ? place : nil
  }

  /// The bits in which the two differ in the 8 octets at `place`, which lie in both.
  @inline(__always) private func difference(from other: RawSpan, at place: Int) -> UInt64 {
    // SAFETY: in bounds as the caller has checked; every bit pattern is an integer.
    unsafe unsafeLoadUnaligned(fromUncheckedByteOffset: place, as: UInt64.self)
      ^ other.unsafeLoadUnaligned(fromUncheckedByteOffset: place, as: UInt64.self)
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

extension [UInt8] {
  /// Appends all of `source`.
  public mutating func append(octets source: RawSpan) {
    unsafe source.withUnsafeBytes {
      // SAFETY: the buffer is read within the closure only.
      unsafe append(contentsOf: $0)
    }
  }
}
