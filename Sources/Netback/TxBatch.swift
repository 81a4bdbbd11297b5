import Netif
import XenInterface
import XenRing

/// What a poll has made of its packets, and the slots that wait for their release. It calls nobody,
/// so each stage is one access to it.
struct TxBatch: ~Copyable {
  /// A slot whose answer waits for the release of its frame.
  struct HeldSlot {
    var head: RingIndex
    var answer: TxAnswer
    /// Its page among those of its frame; `nil` when all of it was copied.
    var page: Int?
  }

  /// The pages of one of the poll's packets.
  struct Arrival {
    var packet: Int
    var fragments: Range<Int>
    var mapping: TxMapping
  }

  /// What becomes of the poll's frames.
  struct Outcome {
    /// Frames that are to leave.
    var frames: [TxFrame] = []
    /// What lies in the guest's pages, of them and of packets that something else undid.
    var fragments: [FrameFragment] = []
    /// Heads of the poll's frames that are dropped for their headers, each with its place among
    /// `frames`.
    var dropped: [(head: RingIndex, place: Int)] = []
  }

  var plan = TxPlan()
  /// See `TxRules`.
  var checksGrants = true
  var buffer = FrameBuffer()
  var outcome = Outcome()
  var held: [HeldSlot] = []
  /// Answers that wait to be written.
  var answers: [TxAnswer] = []
  /// What the poll's packets have behind what is copied, in their order.
  var arrivals: [Arrival] = []
  /// The pages of frames that were not released.
  var mappings: [TxMapping] = []
  /// What is to be unmapped before the waiting answers are written.
  var unmapping: [TxMapping] = []
  /// Mappings of released frames, to be used again: as many as were in use at once.
  var spare: [TxMapping] = []

  init() {
    outcome.frames.reserveCapacity(Int(NetifLimits.ringSize))
    outcome.dropped.reserveCapacity(Int(NetifLimits.ringSize))
    held.reserveCapacity(Int(NetifLimits.ringSize))
    answers.reserveCapacity(Int(NetifLimits.ringSize))
  }

  /// Forgets the poll, but not what is held and what is to be answered.
  ///
  /// - Parameter start: the poll's first request, where all frames that left are to be released.
  mutating func end(releasingFrom start: RingIndex?) {
    if let start { releaseAll(from: start) }
    plan.reset()
    buffer.forgetAppended()
    if !arrivals.isEmpty { arrivals.removeAll(keepingCapacity: true) }
    outcome.frames.removeAll(keepingCapacity: true)
    if !outcome.fragments.isEmpty { outcome.fragments.removeAll(keepingCapacity: true) }
    if !outcome.dropped.isEmpty { outcome.dropped.removeAll(keepingCapacity: true) }
  }

  /// Forgets all packets, and what is held of them.
  mutating func restart() {
    end(releasingFrom: nil)
    held.removeAll(keepingCapacity: true)
    answers.removeAll(keepingCapacity: true)
    if !mappings.isEmpty { mappings.removeAll(keepingCapacity: true) }
    if !unmapping.isEmpty { unmapping.removeAll(keepingCapacity: true) }
  }

  /// Runs `body` over the planned copies and the octets they go to.
  mutating func withCopies(
    _ body: (inout MutableSpan<GrantCopy>, inout MutableRawSpan) -> Void
  ) {
    buffer.reserve(Int(plan.fill))
    plan.withCopies { operations in buffer.withOctets { body(&operations, &$0) } }
  }
}
