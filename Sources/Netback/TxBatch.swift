import Netif
import XenInterface
import XenRing

/// What a poll has made of its packets, and the slots that wait for their release. It calls nobody,
/// so each stage is one access to it.
struct TxBatch {
  /// A slot whose answer waits for the release of its frame.
  struct HeldSlot {
    var head: RingIndex
    var answer: TxAnswer
  }

  /// What becomes of the poll's frames.
  struct Outcome {
    /// Frames that are to leave.
    fileprivate(set) var frames: [TxFrame] = []
    /// Heads of the poll's frames that are dropped for their headers, each with its place among
    /// `frames`.
    fileprivate(set) var dropped: [(head: RingIndex, place: Int)] = []
  }

  var plan = TxPlan()
  var buffer = FrameBuffer()
  private(set) var outcome = Outcome()
  var held: [HeldSlot] = []
  /// Answers that wait to be written.
  var answers: [TxAnswer] = []

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
    outcome.frames.removeAll(keepingCapacity: true)
    if !outcome.dropped.isEmpty { outcome.dropped.removeAll(keepingCapacity: true) }
  }

  /// Runs `body` over the planned copies and the octets they go to.
  mutating func withCopies(
    _ body: (inout MutableSpan<GrantCopy>, inout MutableRawSpan) -> Void
  ) {
    buffer.reserve(Int(plan.fill))
    plan.withCopies { operations in buffer.withOctets { body(&operations, &$0) } }
  }
}

// MARK: - Concluding

extension TxBatch {
  /// What concluding counts.
  struct Losses {
    var grantFailures: UInt64 = 0
    var headerDrops: UInt64 = 0
    var areAny: Bool { grantFailures + headerDrops > 0 }
  }

  /// Decides what becomes of each packet whose copies were done.
  mutating func conclude() -> Losses {
    var losses = Losses()
    for place in plan.packets.indices {
      let packet = plan.packets[place]
      guard settle(packet) else {
        losses.grantFailures += 1
        continue
      }
      hold(packet, head: plan.frames[place].head)
      if let frame = finished(plan.frames[place]) {
        outcome.frames.append(frame)
      } else {
        losses.headerDrops += 1
        outcome.dropped.append((plan.frames[place].head, outcome.frames.count))
      }
    }
    return losses
  }

  private mutating func hold(_ packet: PlannedPacket, head: RingIndex) {
    for place in packet.held {
      held.append(HeldSlot(head: head, answer: plan.slots[place].answer))
    }
  }

  /// Reads the frame's headers where its checksum is blank; `nil` drops the frame.
  private mutating func finished(_ planned: TxFrame) -> TxFrame? {
    var frame = planned
    let forgot = frame.offload.checksum != .partial && frame.offload.segmentation != nil
    if forgot { frame.offload.checksum = .partial }
    guard frame.offload.checksum == .partial else { return frame }
    let isReadable = buffer.setUpChecksum(
      start: Int(frame.start), length: Int(frame.length), recalculate: forgot)
    return isReadable ? frame : nil
  }
}

// MARK: - Releasing

extension TxBatch {
  /// Answers the slots of a frame that its holder is done with.
  mutating func release(frame head: RingIndex) {
    for place in held.indices where held[place].head == head { answers.append(held[place].answer) }
    held.removeAll { $0.head == head }
  }

  /// Answers the slots of all frames that left, so that answers stand in the order of requests,
  /// `start` first.
  private mutating func releaseAll(from start: RingIndex) {
    for frame in outcome.frames { release(frame: frame.head) }
    answers.sort { $0.request.distance(from: start) < $1.request.distance(from: start) }
  }

  /// Puts the answer to a held slot ahead of the waiting answer to `later`, or behind all of them:
  /// releases come from outside the poll and may fall between two of its answers.
  ///
  /// - Returns: what was answered; `nil` when the slot was not held.
  mutating func release(slot: RingIndex, before later: RingIndex?) -> TxAnswer? {
    guard let place = held.firstIndex(where: { $0.answer.request == slot }) else { return nil }
    let answer = held.remove(at: place).answer
    let end = later.flatMap { later in answers.firstIndex { $0.request == later } }
    answers.insert(answer, at: end ?? answers.endIndex)
    return answer
  }
}
