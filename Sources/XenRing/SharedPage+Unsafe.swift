public import Synchronization

// The one place that forms a pointer into memory another domain can write. Words are reached as
// relaxed atomics, so the compiler neither repeats nor merges a load; payload octets are copied.

/// One page, or a run of pages, that another domain can write at any moment.
///
/// It owns its mapping: `deinit` gives it back exactly once, so use after unmap cannot be written.
@safe public struct SharedPage: ~Copyable {
  @usableFromInline let base: UnsafeMutableRawPointer
  /// Size in octets.
  public let byteCount: Int
  private let release: (UnsafeMutableRawPointer, Int) -> Void

  /// Takes ownership of a live mapping of `byteCount` octets, 4-aligned; `release` runs exactly
  /// once, when the page dies.
  @unsafe public init(
    adopting base: UnsafeMutableRawPointer, byteCount: Int,
    release: @escaping (UnsafeMutableRawPointer, Int) -> Void
  ) {
    unsafe self.base = base
    self.byteCount = byteCount
    unsafe self.release = release
  }

  /// Makes zeroed memory of our own, page aligned: a page that a simulated domain shares.
  ///
  /// - Precondition: `byteCount` is positive.
  public init(zeroed byteCount: Int) {
    // SAFETY: freshly allocated, initialised in full, freed once by the closure.
    let fresh = UnsafeMutableRawPointer.allocate(byteCount: byteCount, alignment: 4096)
    unsafe fresh.initializeMemory(as: UInt8.self, repeating: 0, count: byteCount)
    unsafe self.init(adopting: fresh, byteCount: byteCount) { base, _ in unsafe base.deallocate() }
  }

  deinit { unsafe release(base, byteCount) }

  // SAFETY: in bounds and aligned by the precondition; both operands are ours, never the guest's.
  @inlinable @inline(__always)
  func word(at offset: Int) -> UnsafePointer<Atomic<UInt32>> {
    precondition(offset >= 0 && offset & 3 == 0 && offset <= byteCount - 4)
    return unsafe UnsafePointer((base + offset).assumingMemoryBound(to: Atomic<UInt32>.self))
  }
}

extension SharedPage: RingMemory {
  /// See `RingMemory`.
  @inlinable @inline(__always) public func load(at offset: Int) -> UInt32 {
    unsafe word(at: offset).pointee.load(ordering: .relaxed)
  }

  /// See `RingMemory`.
  @inlinable @inline(__always) public func loadAcquiring(at offset: Int) -> UInt32 {
    unsafe word(at: offset).pointee.load(ordering: .acquiring)
  }

  /// See `RingMemory`.
  @inlinable @inline(__always) public func store(_ value: UInt32, at offset: Int) {
    unsafe word(at: offset).pointee.store(value, ordering: .relaxed)
  }

  /// See `RingMemory`.
  @inlinable @inline(__always) public func storeReleasing(_ value: UInt32, at offset: Int) {
    unsafe word(at: offset).pointee.store(value, ordering: .releasing)
  }

  /// See `RingMemory`. One look at the bounds is for all words.
  @inlinable @inline(__always) public func loadWords(_ count: Int, at offset: Int) -> SlotWords {
    precondition(count > 0 && count <= 4 && offset >= 0 && offset & 3 == 0)
    precondition(offset <= byteCount - 4 * count)
    var words = SlotWords(repeating: 0)
    for place in 0..<count {
      // SAFETY: in bounds and aligned by the preconditions.
      let word = unsafe UnsafePointer(
        (base + (offset &+ 4 &* place)).assumingMemoryBound(to: Atomic<UInt32>.self))
      unsafe words[place] = word.pointee.load(ordering: .relaxed)
    }
    return words
  }

  /// See `RingMemory`.
  @inlinable @inline(__always) public func storeHalf(_ value: UInt16, at offset: Int) {
    precondition(offset >= 0 && offset & 1 == 0 && offset <= byteCount - 2)
    // SAFETY: in bounds and 2-aligned by the precondition.
    let half = unsafe UnsafePointer((base + offset).assumingMemoryBound(to: Atomic<UInt16>.self))
    unsafe half.pointee.store(value, ordering: .relaxed)
  }
}

extension SharedPage {
  /// Copies `target.byteCount` octets out of the page, from `offset` on.
  ///
  /// - Precondition: the range lies in the page. Callers bound guest values first.
  public func copyOctets(at offset: Int, into target: inout MutableRawSpan) {
    precondition(offset >= 0 && target.byteCount <= byteCount - offset)
    // SAFETY: the range is checked above. The other domain may write meanwhile; octets may then be
    // old or new, which is all that a copy of shared memory can promise.
    unsafe target.withUnsafeMutableBytes { octets in
      guard let start = octets.baseAddress else { return }
      unsafe start.copyMemory(from: base + offset, byteCount: octets.count)
    }
  }

  /// Copies `octets` into the page at `offset`.
  ///
  /// - Precondition: the range lies in the page. Callers bound guest values first.
  public func setOctets(_ source: RawSpan, at offset: Int) {
    precondition(offset >= 0 && source.byteCount <= byteCount - offset)
    // SAFETY: as in `copyOctets`.
    unsafe source.withUnsafeBytes { octets in
      guard let start = octets.baseAddress else { return }
      unsafe (base + offset).copyMemory(from: start, byteCount: octets.count)
    }
  }

  /// Lends the address of the page to a call that needs one (a grant device's ioctl).
  @unsafe public borrowing func withUnsafeAddress<Result: ~Copyable, Failure: Error>(
    _ body: (UnsafeMutableRawPointer) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try unsafe body(base)
  }
}

// SAFETY: the page is reached by atomic words and by copies only; its address never changes.
extension SharedPage: @unchecked Sendable {}
