internal import XenRing

/// What a block has said so far of each queue, and from it what its next events will say.
///
/// Writer and reader keep the same model and feed it the same events, so only what it did not
/// foresee is stored. A wrong guess costs octets, never correctness: the model judges nothing.
/// Everything in it is 32-bit words of one table, a stretch per lane (a vif and queue).
struct TraceModel: ~Copyable {
  /// A single word of a lane.
  struct Cell {
    fileprivate let offset: Int
  }

  /// A run of words of a lane; an index is cut to its size, a power of two.
  struct Table {
    fileprivate let offset: Int
    fileprivate let mask: UInt32
  }

  private var words = LaneTable()

  /// Forgets all, for the next block.
  mutating func reset(lanes: Int) { words.clear(lanes) }

  /// Turns to a lane, by its number in the block.
  mutating func select(lane: Int) { words.select(lane) }

  subscript(cell: Cell) -> UInt32 {
    @inline(__always) get { words[cell.offset] }
    @inline(__always) set { words[cell.offset] = newValue }
  }

  subscript(table: Table, index: UInt32) -> UInt32 {
    @inline(__always) get { words[table.offset | Int(index & table.mask)] }
    @inline(__always) set { words[table.offset | Int(index & table.mask)] = newValue }
  }
}

// Where each word stands. Names say what it holds; "less" ones hold 65535 minus it, so that a
// zeroed lane starts with "no limit".
extension TraceModel.Cell {
  static var txStarted: Self { Self(offset: 0) }
  static var txMore: Self { Self(offset: 1) }
  static var txExtra: Self { Self(offset: 2) }
  static var txFirst: Self { Self(offset: 3) }
  static var txSum: Self { Self(offset: 4) }
  static var txHeader: Self { Self(offset: 5) }
  static var txLastGrant: Self { Self(offset: 6) }
  static var txLastExtra0: Self { Self(offset: 8) }
  static var txLastExtra1: Self { Self(offset: 9) }
  static var copySlot: Self { Self(offset: 10) }
  static var copyDone: Self { Self(offset: 11) }
  static var copyLimitLess: Self { Self(offset: 12) }
  static var mapSlot: Self { Self(offset: 13) }
  static var mapReadOnly: Self { Self(offset: 14) }
  static var operandHead: Self { Self(offset: 15) }
  static var operandTail: Self { Self(offset: 16) }
  static var memoryLimitLess: Self { Self(offset: 17) }
  static var mappedHead: Self { Self(offset: 18) }
  static var mappedTail: Self { Self(offset: 19) }
  static var releaseNext: Self { Self(offset: 20) }
  static var answerNext: Self { Self(offset: 21) }
  static var deliveredLast: Self { Self(offset: 22) }
  static var frameLimitLess: Self { Self(offset: 23) }
  static var rxLastWord0: Self { Self(offset: 24) }
  static var rxCopySlot: Self { Self(offset: 25) }
  static var rxFrameLeft: Self { Self(offset: 26) }
  static var rxSkip: Self { Self(offset: 27) }
  static var takenHead: Self { Self(offset: 28) }
  static var takenTail: Self { Self(offset: 29) }
  static var takenLength: Self { Self(offset: 30) }
  static var takenShape: Self { Self(offset: 31) }
  static var takenSegment: Self { Self(offset: 32) }
  static var rxAnswerExtra: Self { Self(offset: 33) }
  static var rxAnswerMore: Self { Self(offset: 34) }
  static var rxAnswerOffset: Self { Self(offset: 35) }
  static var rxLastExtra0: Self { Self(offset: 36) }
  static var rxLastExtra1: Self { Self(offset: 37) }
  static var packets: Self { Self(offset: 38) }
  static var lastRing: Self { Self(offset: 39) }
  static var lastEvent: Self { Self(offset: 40) }
  static var lastNotification: Self { Self(offset: 41) }
  static var rxStarted: Self { Self(offset: 42) }
  static var rxCopyLength: Self { Self(offset: 43) }
}

extension TraceModel.Table {
  /// By ring: the index of the next slot, of the next response, the last producer, last budget.
  static var slotNext: Self { Self(offset: 64, mask: 3) }
  static var responseNext: Self { Self(offset: 68, mask: 3) }
  static var producer: Self { Self(offset: 72, mask: 3) }
  static var budget: Self { Self(offset: 76, mask: 3) }
  /// By first or further slot of a packet: the last flags and size.
  static var txFlags: Self { Self(offset: 80, mask: 1) }
  static var txSize: Self { Self(offset: 82, mask: 1) }
  static var rxFlags: Self { Self(offset: 84, mask: 1) }
  static var txNextOffset: Self { Self(offset: 86, mask: 1) }
  /// Last words of a control request and response.
  static var controlWords: Self { Self(offset: 88, mask: 3) }
  static var controlAnswer: Self { Self(offset: 92, mask: 3) }
  /// Three recyclers: newest, below, above and last value of each.
  static var recyclerCells: Self { Self(offset: 96, mask: 15) }
  static var controlId: Self { Self(offset: 128, mask: 127) }

  /// By ring position, TX: the three words, the kind, octets of the slot itself, octets copied.
  static var txWord0: Self { Self(offset: 256, mask: 255) }
  static var txWord1: Self { Self(offset: 512, mask: 255) }
  static var txWord2: Self { Self(offset: 768, mask: 255) }
  static var txKind: Self { Self(offset: 1024, mask: 255) }
  static var txLength: Self { Self(offset: 1280, mask: 255) }
  static var txCopied: Self { Self(offset: 1536, mask: 255) }
  /// By request id.
  static var grantOfId: Self { Self(offset: 1792, mask: 255) }
  /// By ring position, RX: the two words, and octets copied into the page.
  static var rxWord0: Self { Self(offset: 2048, mask: 255) }
  static var rxGrant: Self { Self(offset: 2304, mask: 255) }
  static var rxFilled: Self { Self(offset: 2560, mask: 255) }
  /// Queues: guest memory copied or mapped, pages mapped, frames taken.
  static var operandGrant: Self { Self(offset: 2816, mask: 255) }
  static var operandRange: Self { Self(offset: 3072, mask: 255) }
  static var mappedGrant: Self { Self(offset: 3328, mask: 127) }
  static var mappedHandle: Self { Self(offset: 3456, mask: 127) }
  static var takenFrames: Self { Self(offset: 3584, mask: 255) }
  /// Of the recyclers: value plus one, neighbour below and above, 512 of each per recycler.
  static var recycledValue: Self { Self(offset: 4096, mask: 0xfff) }
}
