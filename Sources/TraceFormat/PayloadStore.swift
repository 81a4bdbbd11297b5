/// The payload of the block being read.
struct PayloadStore: ~Copyable {
  /// All contents, inflated.
  var octets = OctetBuffer()
  private var ends: [UInt32] = []
  private var guesses = PieceGuesses()
  private var gatheredOctets = 0
  private var gathered = OctetBuffer()
  /// The current payload: octets of the block's, or of those gathered for it.
  private var range = 0..<0
  private var isGathered = false

  /// Starts over, for a block of `count` octets.
  mutating func reset(to count: Int) {
    octets.removeAll()
    octets.extend(by: count)
    ends.removeAll(keepingCapacity: true)
    guesses = PieceGuesses()
    gatheredOctets = 0
    clear()
  }

  /// The current payload.
  var current: RawSpan {
    @_lifetime(borrow self) get {
      isGathered ? gathered.bytes : octets.bytes.extracting(range)
    }
  }

  /// Says that the current event has no payload.
  @inline(__always) mutating func clear() {
    range = 0..<0
    isGathered = false
  }

  /// Whether the events took all octets.
  var isExhausted: Bool { Int(ends.last ?? 0) == octets.count }

  /// Finds the payload of the next event that has one.
  mutating func take(
    _ count: Int, isFrame: Bool, from columns: inout ColumnReader
  ) throws(Corruption) {
    let pieces = try columns.variable(Tag.pieces)
    if pieces == 0 { return try takeNew(count) }
    guard pieces <= UInt64(TraceLimits.pieces) else { throw .value }
    gatheredOctets += count
    guard gatheredOctets <= TraceLimits.gathered else { throw .value }
    if pieces == 1 {
      let piece = try takePiece(at: 0, isFrame, &columns)
      guard piece.count >= count else { throw .value }
      isGathered = false
      range = piece.lowerBound..<piece.lowerBound + count
    } else {
      try gather(Int(pieces), count, isFrame, &columns)
    }
  }

  private mutating func takeNew(_ count: Int) throws(Corruption) {
    let start = Int(ends.last ?? 0)
    guard count <= octets.count - start else { throw .shortColumn }
    range = start..<start + count
    isGathered = false
    ends.append(UInt32(truncatingIfNeeded: start + count))
  }

  private mutating func gather(
    _ pieces: Int, _ count: Int, _ isFrame: Bool, _ columns: inout ColumnReader
  ) throws(Corruption) {
    gathered.removeAll()
    isGathered = true
    for place in 0..<pieces {
      let piece = try takePiece(at: place, isFrame, &columns)
      let length = min(piece.count, count - gathered.count)
      gathered.append(octets, piece.lowerBound..<piece.lowerBound + length)
    }
    guard gathered.count == count else { throw .value }
  }

  private mutating func takePiece(
    at place: Int, _ isFrame: Bool, _ columns: inout ColumnReader
  ) throws(Corruption) -> Range<Int> {
    let folded = try columns.variable(Tag.pieces)
    guard folded <= UInt32.max else { throw .value }
    let number = Int(
      guesses.unfold(UInt32(truncatingIfNeeded: folded), at: place, isFrame: isFrame))
    guard number < ends.count else { throw .value }
    return (number == 0 ? 0 : Int(ends[number - 1]))..<Int(ends[number])
  }
}
