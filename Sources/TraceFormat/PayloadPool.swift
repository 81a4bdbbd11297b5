internal import XenRing

/// The payload of the open block, each content once.
///
/// A payload is either new, or made of pieces: contents that are there already, in a row, the last
/// one perhaps cut. So a frame costs nothing beside the guest memory it was copied from.
struct PayloadPool: ~Copyable {
  /// All new contents, one behind the other.
  var octets = OctetBuffer()
  /// Octets that pieces stand for.
  private(set) var gathered = 0
  /// Where each content ends, and how many there are.
  private var ends = WordTable(bits: 10)
  private var contents = 0
  private var newest = NewestContents()
  private var guesses = PieceGuesses()
  /// The pieces of the payload that is looked at; `TraceLimits.pieces` at most.
  private var pieces = WordTable(bits: 6)

  /// Whether another `count` octets fit in the block.
  func fits(_ count: Int) -> Bool {
    octets.count + count <= TraceLimits.blockPayload / 2
      && gathered + count <= TraceLimits.gathered / 2
  }

  /// Forgets all, for the next block.
  mutating func removeAll() {
    octets.removeAll()
    contents = 0
    newest.removeAll()
    guesses = PieceGuesses()
    gathered = 0
  }

  /// Takes a payload in and writes to `column` what it is made of.
  mutating func add(_ payload: RawSpan, isFrame: Bool, to column: inout OctetBuffer) {
    let count = payload.byteCount
    guard count > 0 else { return }
    let hash = Self.hash(payload)
    let found = findPieces(of: payload, hash)
    column.append(variable: UInt64(found))
    guard found > 0 else { return append(payload, hash) }
    gathered += count
    for place in 0..<found {
      column.append(variable: UInt64(guesses.fold(pieces[place], at: place, isFrame: isFrame)))
    }
  }

  private mutating func append(_ payload: RawSpan, _ hash: UInt32) {
    octets.append(payload)
    ends.grow(to: contents + 1)
    ends[contents] = UInt32(octets.count)
    newest.insert(contents, hash)
    contents += 1
  }

  /// Number of pieces that make up a payload; 0 when it is not made of what is there.
  private mutating func findPieces(of payload: RawSpan, _ hash: UInt32) -> Int {
    var found = 0
    var rest = payload
    while rest.byteCount > 0 {
      guard found < TraceLimits.pieces,
        let number = newest.number(of: found == 0 ? hash : Self.hash(rest))
      else { return 0 }
      let count = common(rest, content(number))
      guard count > 0 else { return 0 }
      pieces[found] = UInt32(number)
      found += 1
      rest = rest.extracting(count..<rest.byteCount)
    }
    return found
  }

  /// How many octets of a content `rest` begins with: all of either, or none.
  private func common(_ rest: RawSpan, _ content: Range<Int>) -> Int {
    let count = min(content.count, rest.byteCount)
    let piece = octets.bytes.extracting(content.lowerBound..<content.lowerBound + count)
    return piece.holdsSame(as: rest.extracting(0..<count)) ? count : 0
  }

  private func content(_ number: Int) -> Range<Int> {
    (number == 0 ? 0 : Int(ends[number - 1]))..<Int(ends[number])
  }

  /// Of the first 16 octets, or of all when there are fewer.
  private static func hash(_ octets: RawSpan) -> UInt32 {
    let count = octets.byteCount
    var low: UInt64 = 0
    var high = UInt64(min(count, 16))
    if count >= 16 {
      low = octets.load(at: 0, as: UInt64.self)
      high = octets.load(at: 8, as: UInt64.self)
    } else {
      for place in 0..<count { low = low &* 31 &+ UInt64(octets.octet(at: place)) }
    }
    let mixed = (low ^ high &* 0x9e37_79b9_7f4a_7c15) &* 0xd6e8_feb8_6659_fd93
    return UInt32(truncatingIfNeeded: mixed >> 32)
  }
}

/// The newest content of a block by a hash of its first octets, or none.
///
/// A hash has more bits than there are places. Those that say no place stand beside the content's
/// number, so that most of the contents that only share a place need not be looked at.
struct NewestContents: ~Copyable {
  // A content takes an octet of the columns at least, and they are closed before there are as many.
  private static var numbers: UInt32 { 0xf_ffff }
  /// The number plus one, 0 for none; above it bits of the hash.
  private var words = WordTable(bits: 13)

  /// The number of the newest content that has this hash.
  func number(of hash: UInt32) -> Int? {
    let word = words[Int(hash >> 8)]
    let number = word & Self.numbers
    return number > 0 && (word ^ hash) <= Self.numbers ? Int(number) - 1 : nil
  }

  /// Takes the next content in.
  mutating func insert(_ number: Int, _ hash: UInt32) {
    words[Int(hash >> 8)] = hash & ~Self.numbers | UInt32(number + 1) & Self.numbers
  }

  mutating func removeAll() { words.clear(words.count) }
}

/// Guesses which content a piece is: the one behind that of the last payload's same piece.
struct PieceGuesses {
  private var last: InlineArray<8, UInt32> = .init(repeating: .max)

  /// A content's number as a difference to the guess.
  mutating func fold(_ number: UInt32, at place: Int, isFrame: Bool) -> UInt32 {
    let slot = Self.slot(place, isFrame)
    defer { last[slot] = number }
    return zigzag(number &- last[slot] &- 1)
  }

  /// The reverse of `fold`.
  mutating func unfold(_ folded: UInt32, at place: Int, isFrame: Bool) -> UInt32 {
    let slot = Self.slot(place, isFrame)
    let number = last[slot] &+ 1 &+ unzigzag(folded)
    last[slot] = number
    return number
  }

  private static func slot(_ place: Int, _ isFrame: Bool) -> Int {
    isFrame ? 1 + min(place, 6) : 0
  }
}
