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

  /// The pages of a frame that somebody has.
  struct HeldPages {
    var head: RingIndex
    var mapping: TxMapping
  }

  /// The pages of one of the poll's packets.
  struct Arrival {
    var packet: Int
    var fragments: Range<Int>
    var mapping: TxMapping
  }

  var plan = TxPlan()
  /// See `TxRules`.
  var checksGrants = true
  /// Whether frames end with their poll, so that what is copied whole waits for no release.
  var endsFrames = false
  var held = PlainList<HeldSlot>(room: Int(NetifLimits.ringSize))
  /// Answers that wait to be written.
  var answers = PlainList<TxAnswer>(room: Int(NetifLimits.ringSize))
  /// What the poll's packets have behind what is copied, in their order.
  var arrivals: [Arrival] = []
  /// The pages of frames that were not released.
  var mappings: [HeldPages] = []
  /// What is to be unmapped before the waiting answers are written.
  var unmapping: [TxMapping] = []
  /// Mappings of released frames, to be used again: as many as were in use at once.
  var spare: [TxMapping] = []

  /// Forgets the poll, but not what is held and what is to be answered.
  ///
  /// - Parameter start: the poll's first request, where all frames that left are to be released.
  mutating func end(releasingFrom start: RingIndex?) {
    if let start { releaseAll(from: start) }
    plan.reset()
    if !arrivals.isEmpty { arrivals.removeAll(keepingCapacity: true) }
  }

  /// Forgets all packets, and what is held of them.
  mutating func restart() {
    end(releasingFrom: nil)
    held.removeAll()
    answers.removeAll()
    if !mappings.isEmpty { mappings.removeAll(keepingCapacity: true) }
    if !unmapping.isEmpty { unmapping.removeAll(keepingCapacity: true) }
  }
}

/// What becomes of a poll's frames, apart from the batch: who gets them may come back to that.
struct TxDelivery: ~Copyable {
  /// Frames that are to leave.
  var frames = PlainList<TxFrame>(room: Int(NetifLimits.ringSize))
  /// What was copied of them.
  var buffer = FrameBuffer()
  /// What lies in the guest's pages, of them and of packets that something else undid.
  var fragments: [FrameFragment] = []
  /// Heads of the poll's frames that are dropped for their headers, each with its place among
  /// `frames`.
  var dropped: [(head: RingIndex, place: Int)] = []

  /// Forgets the poll.
  mutating func end() {
    frames.removeAll()
    buffer.forgetAppended()
    if !fragments.isEmpty { fragments.removeAll(keepingCapacity: true) }
    if !dropped.isEmpty { dropped.removeAll(keepingCapacity: true) }
  }
}
