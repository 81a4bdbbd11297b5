import XenRing

/// Where the octets of a frame for the guest lie: the first ones in a buffer, those behind them in pages
/// of another guest's.
struct RxPieces: ~Escapable {
  /// All octets of the frame.
  let length: Int
  /// Octets that lie in the buffer, from `start` on.
  private let linearLength: Int
  private let start: Int
  private let fragments: Span<FrameFragment>
  /// The fragment that `next` has come to, and octets of it that are given out.
  private var place = 0
  private var given = 0
  private var done = 0

  /// A frame that lies in the buffer as a whole.
  @_lifetime(immortal)
  init(start: Int, length: Int) {
    self.init(start: start, linearLength: length, length: length, fragments: Span())
  }

  /// A frame of another vif's.
  @_lifetime(copy batch)
  init(_ frame: TxFrame, of batch: borrowing FrameBatch) {
    self.init(
      start: Int(frame.start), linearLength: Int(frame.linearLength), length: Int(frame.length),
      fragments: batch.fragments(frame))
  }

  @_lifetime(copy fragments)
  private init(start: Int, linearLength: Int, length: Int, fragments: Span<FrameFragment>) {
    self.start = start
    self.linearLength = linearLength
    self.length = length
    self.fragments = fragments
  }

  /// A run of octets in one place.
  enum Piece {
    case buffer(offset: Int, count: Int)
    case page(GrantMap, offset: UInt16, count: Int)

    var count: Int {
      switch self {
      case .buffer(_, let count), .page(_, _, let count): count
      }
    }
  }

  /// Gives the next octets out, `limit` at most.
  ///
  /// - Precondition: some are left.
  mutating func next(_ limit: Int) -> Piece {
    let piece = done < linearLength ? nextLinear(limit) : nextFragment(limit)
    done += piece.count
    return piece
  }

  private func nextLinear(_ limit: Int) -> Piece {
    .buffer(offset: start + done, count: min(limit, linearLength - done))
  }

  private mutating func nextFragment(_ limit: Int) -> Piece {
    let map = fragments[place].map
    let count = min(limit, Int(map.length) - given)
    let piece = Piece.page(map, offset: map.offset + UInt16(given), count: count)
    given += count
    if given == Int(map.length) { (place, given) = (place + 1, 0) }
    return piece
  }
}
