internal import Glibc
internal import XenRing

/// Octets that grow at their end and keep their room when emptied.
@safe struct OctetBuffer: ~Copyable {
  private var base: UnsafeMutableRawPointer
  private var capacity: Int
  /// Octets in use.
  private(set) var count: Int

  /// Makes an empty buffer; it allocates nothing before the first octet.
  init() {
    // SAFETY: capacity 0 keeps every access from this one octet until `grow` replaced it.
    unsafe base = .allocate(byteCount: 1, alignment: 16)
    capacity = 0
    count = 0
  }

  // SAFETY: `base` was allocated by us and nothing outlives us that points into it.
  deinit { unsafe base.deallocate() }

  /// The octets in use.
  var bytes: RawSpan {
    @_lifetime(borrow self) get {
      // SAFETY: the first `count` octets are initialised and live as long as `self` does.
      let span = unsafe RawSpan(_unsafeStart: UnsafeRawPointer(base), byteCount: count)
      return unsafe _overrideLifetime(span, borrowing: self)
    }
  }

  /// The octets in use, to be changed.
  var mutableBytes: MutableRawSpan {
    @_lifetime(&self) mutating get {
      // SAFETY: the first `count` octets are initialised and live as long as `self` does.
      let span = unsafe MutableRawSpan(_unsafeStart: base, byteCount: count)
      return unsafe _overrideLifetime(span, mutating: &self)
    }
  }

  /// The octet at `offset`.
  @inline(__always) func octet(at offset: Int) -> UInt8 {
    precondition(UInt(bitPattern: offset) < UInt(bitPattern: count))
    // SAFETY: the offset was checked above.
    return unsafe base.load(fromByteOffset: offset, as: UInt8.self)
  }

  /// Forgets all octets and keeps the room.
  mutating func removeAll() { count = 0 }

  /// Cuts to `length` octets or extends to it with zeros.
  mutating func resize(to length: Int) {
    if length > count {
      reserve(length - count)
      // SAFETY: `reserve` made room for this many octets behind `count`.
      unsafe memset(base + count, 0, length - count)
    }
    count = length
  }

  /// Extends by `extra` octets of no certain value, for the caller to write or to cut off again
  /// before anybody reads them.
  mutating func extend(by extra: Int) {
    reserve(extra)
    count += extra
  }

  /// Appends one octet.
  @inline(__always) mutating func append(_ octet: UInt8) {
    if count == capacity { grow(by: 1) }
    // SAFETY: `count` is below `capacity` here.
    unsafe base.storeBytes(of: octet, toByteOffset: count, as: UInt8.self)
    count &+= 1
  }

  /// Appends an integer, least significant octet first.
  mutating func append<T: FixedWidthInteger & BitwiseCopyable>(littleEndian value: T) {
    let size = MemoryLayout<T>.size
    reserve(size)
    // SAFETY: `reserve` made room for `size` octets behind `count`.
    unsafe base.storeBytes(of: value.littleEndian, toByteOffset: count, as: T.self)
    count += size
  }

  /// Appends seven bits per octet, least significant first, the top bit set in all but the last.
  @inline(__always) mutating func append(variable value: UInt64) {
    guard value < 0x4000, capacity &- count >= 10 else { return appendSlowly(value) }
    // Which of one octet and two it takes is hard to foresee: both are written, one may not count.
    let isPair: UInt64 = value > 0x7f ? 1 : 0
    let octets = value & 0x7f | isPair << 7 | (value >> 7) << 8
    // SAFETY: there was room for 10 octets.
    unsafe base.storeBytes(
      of: UInt16(truncatingIfNeeded: octets).littleEndian, toByteOffset: count, as: UInt16.self)
    count &+= 1 &+ Int(isPair)
  }

  @inline(never) private mutating func appendSlowly(_ value: UInt64) {
    if capacity &- count < 10 { grow(by: 10) }
    var rest = value
    while rest > 0x7f {
      // SAFETY: there was room for 10 octets, and 64 bits take no more.
      unsafe base.storeBytes(
        of: UInt8(truncatingIfNeeded: rest) | 0x80, toByteOffset: count, as: UInt8.self)
      count &+= 1
      rest >>= 7
    }
    // SAFETY: as above.
    unsafe base.storeBytes(
      of: UInt8(truncatingIfNeeded: rest), toByteOffset: count, as: UInt8.self)
    count &+= 1
  }

  /// Appends all of `octets`.
  mutating func append(_ octets: RawSpan) {
    let length = octets.byteCount
    guard length > 0 else { return }
    reserve(length)
    unsafe octets.withUnsafeBytes { source in
      guard let start = source.baseAddress else { return }
      // SAFETY: `reserve` made room; a borrowed span cannot be of this buffer, which is mutated.
      unsafe (base + count).copyMemory(from: start, byteCount: length)
    }
    count += length
  }

  /// Appends all octets of another buffer.
  mutating func append(_ other: borrowing OctetBuffer) { append(other.bytes) }

  /// Writes all octets of another buffer over the first ones of this.
  mutating func overwriteStart(with other: borrowing OctetBuffer) {
    var target = mutableBytes
    target.setOctets(other.bytes, at: 0)
  }

  /// Appends octets of another buffer, which it has.
  mutating func append(_ other: borrowing OctetBuffer, _ range: Range<Int>) {
    append(other.bytes.extracting(range))
  }

  /// Makes room for `extra` octets more.
  mutating func reserve(_ extra: Int) {
    if capacity - count < extra { grow(by: extra) }
  }

  @inline(never) private mutating func grow(by extra: Int) {
    let wanted = max(capacity * 2, count + extra, 64)
    let room = UnsafeMutableRawPointer.allocate(byteCount: wanted, alignment: 16)
    // SAFETY: the new room holds at least `count` octets, the old one has them initialised.
    unsafe room.copyMemory(from: base, byteCount: count)
    unsafe base.deallocate()
    unsafe base = room
    capacity = wanted
  }
}

// SAFETY: a buffer is the only one that knows its memory, and it cannot be copied: whoever holds it
// is its only user.
extension OctetBuffer: @unchecked Sendable {}
