internal import Glibc

/// Zeroed words, a power of two of them; an index is cut to it, so none is out of bounds.
@safe struct WordTable: ~Copyable {
  fileprivate private(set) var base: UnsafeMutablePointer<UInt32>
  private var mask: Int
  /// Words in the table.
  var count: Int { mask + 1 }

  /// Makes a table of 2 to the power of `bits` words, all zero.
  init(bits: Int) {
    mask = 1 << bits - 1
    unsafe base = Self.zeroed(1 << bits)
  }

  private static func zeroed(_ count: Int) -> UnsafeMutablePointer<UInt32> {
    // SAFETY: the room is as large as the table, and zeroed. A process that is out of memory
    // cannot go on.
    let room = unsafe calloc(count, MemoryLayout<UInt32>.size)
    guard let room = unsafe room else { preconditionFailure("out of memory") }
    return unsafe room.bindMemory(to: UInt32.self, capacity: count)
  }

  // SAFETY: `base` was allocated by us and nothing outlives us that points into it.
  deinit { unsafe free(base) }

  /// The word at `index`, cut to the table's size.
  subscript(index: Int) -> UInt32 {
    // SAFETY: the mask keeps the index below the number of words allocated.
    @inline(__always) get { unsafe base[index & mask] }
    @inline(__always) set { unsafe base[index & mask] = newValue }
  }

  /// Doubles the table until it has `count` words; new ones are zero.
  @inline(__always) mutating func grow(to count: Int) {
    while self.count < count { double() }
  }

  @inline(never) private mutating func double() {
    let old = unsafe base
    unsafe base = Self.zeroed(count * 2)
    // SAFETY: the new room has twice the words of the old one, which nobody else knows.
    unsafe base.update(from: old, count: count)
    unsafe free(old)
    mask = count * 2 - 1
  }

  /// Zeroes the first `count` words.
  mutating func clear(_ count: Int) {
    // SAFETY: no more words than there are.
    unsafe memset(base, 0, min(count, mask + 1) * MemoryLayout<UInt32>.size)
  }
}

/// Stretches of zeroed words, one per lane, of which one is looked at. An index is cut to a
/// stretch, so none is out of bounds; where the index is known, the cut costs nothing.
@safe struct LaneTable: ~Copyable {
  private static var bits: Int { 13 }
  private var words = WordTable(bits: bits)
  /// The stretch that is looked at; it lies in `words`.
  private var current: UnsafeMutablePointer<UInt32>

  /// Makes a table that looks at its first lane.
  init() { unsafe current = words.base }

  /// The word of the current lane at `index`, cut to a lane's size.
  subscript(index: Int) -> UInt32 {
    // SAFETY: `current` is the first word of a lane, and the index is below the words of one.
    @inline(__always) get { unsafe current[index & ((1 << Self.bits) - 1)] }
    @inline(__always) set { unsafe current[index & ((1 << Self.bits) - 1)] = newValue }
  }

  /// Turns to a lane; a new one is zero.
  mutating func select(_ lane: Int) {
    precondition(lane >= 0)
    words.grow(to: (lane + 1) << Self.bits)
    // SAFETY: the table was grown to hold this lane.
    unsafe current = words.base + (lane << Self.bits)
  }

  /// Zeroes the first `lanes` and turns to the first one.
  mutating func clear(_ lanes: Int) {
    words.clear(lanes << Self.bits)
    unsafe current = words.base
  }
}

/// One growing buffer per column. A column's number is an octet, so none is out of bounds.
@safe struct ColumnSet: ~Copyable {
  private let buffers: UnsafeMutablePointer<OctetBuffer>

  init() {
    // SAFETY: all 256 buffers are initialised before `self` is used.
    unsafe buffers = .allocate(capacity: 256)
    for column in 0..<256 { unsafe (buffers + column).initialize(to: OctetBuffer()) }
  }

  deinit {
    // SAFETY: all 256 buffers are initialised for as long as `self` lives.
    unsafe buffers.deinitialize(count: 256)
    unsafe buffers.deallocate()
  }

  /// The buffer of one column.
  subscript(column: UInt8) -> OctetBuffer {
    // SAFETY: 256 buffers for 256 column numbers.
    @inline(__always) _read { yield unsafe buffers[Int(column)] }
    @inline(__always) _modify { yield unsafe &buffers[Int(column)] }
  }

  /// Empties all columns.
  mutating func removeAll() {
    for column in UInt8.min...UInt8.max { self[column].removeAll() }
  }
}
