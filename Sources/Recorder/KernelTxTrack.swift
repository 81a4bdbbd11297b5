import KernelTap
import Netif
import TraceFormat
import XenInterface
import XenRing

/// What is known of a queue's TX ring while it is recorded: which slot an answer is for.
///
/// The kernel names requests by a place in its own table; a trace names them by ring index.
struct KernelTxTrack {
  private struct Open {
    var index: RingIndex
    var published: TxRequest
    var extras: UInt8 = 0
    /// What the extra infos say, where they were seen.
    var infos = TxExtras()
  }

  /// An answer's place, the place of its request, and what the guest changed in that.
  struct Answer {
    var index: RingIndex
    var request: RingIndex
    var change: SlotChange?
    /// What the packet asks beside its data.
    var infos: TxExtras
  }

  private struct Packet {
    var head: RingIndex
    var total: UInt16
  }

  /// Index of the next slot that was not seen yet.
  private(set) var next: RingIndex
  /// Index of the next answer.
  private(set) var nextAnswer: RingIndex
  private var walker = TxSlotWalker()
  private var open: [Open] = []
  private var packets: [Packet] = []
  private var requests: [UInt16: RingIndex] = [:]
  private var grants: [UInt32: GrantReference] = [:]
  /// Slots that the backend had not taken when its last poll ended.
  private(set) var untaken = UntakenSlots()
  /// Index of the first of them.
  private var consumer: RingIndex
  private var remainingCredit: UInt64

  /// Starts at a snapshot, whose unanswered requests get indices right before the next request, in
  /// their order: their own are not known.
  init(_ snapshot: TapTxSnapshot) {
    next = snapshot.ring.requestConsumer
    consumer = next
    remainingCredit = snapshot.remainingCredit
    nextAnswer = snapshot.ring.privateProducer
    var index = next
    for pending in snapshot.pending.reversed() {
      index = RingIndex(rawValue: index.rawValue &- 1 &- pending.extras)
      requests[pending.pendingIndex] = index
      open.insert(
        Open(
          index: index, published: TxRequest(tap: pending.request),
          extras: UInt8(clamping: pending.extras)), at: 0)
      if let handle = pending.mapping {
        grants[handle] = GrantReference(rawValue: pending.request[0])
      }
    }
    take(snapshot.slots) { _, _ in }
  }

  /// Takes slots in ring order; hands over those that are new.
  mutating func take(_ slots: TapSlots, _ emit: (RingIndex, TraceEvent.Words) -> Void) {
    for place in slots.places(from: next) {
      let words = slots.words(at: place)
      note(next, words)
      emit(next, words)
      next.advance()
    }
  }

  private mutating func note(_ index: RingIndex, _ words: TraceEvent.Words) {
    let slot: SlotWords = [words.w0, words.w1, words.w2, 0]
    untaken.append(slot)
    let kind = walker.take(slot)
    guard kind != .extra else {
      return noteExtra(slot)
    }
    let request = TxRequest(words: slot)
    open.append(Open(index: index, published: request))
    if kind == .head { packets.append(Packet(head: index, total: request.size)) }
  }

  private mutating func noteExtra(_ slot: SlotWords) {
    guard let last = open.indices.last else { return }
    open[last].extras &+= 1
    // One that is not known cuts the guest off.
    if let extra = try? ExtraInfoSlot(words: slot) { open[last].infos.take(extra.info) }
  }

  /// Notes that a poll has ended: which slot the next one begins with, and what credit is left.
  mutating func endPoll(consumer: RingIndex, remainingCredit: UInt64) {
    self.consumer = consumer
    self.remainingCredit = remainingCredit
    untaken.keepLast(Int(next.distance(from: consumer)))
  }

  /// Describes the ring as it stands between two polls. Who wants to be told of what is not known.
  func describe(_ queue: inout QueueSnapshot) {
    queue.tx = QueueSnapshot.Indices(startingAt: consumer)
    queue.tx.responseProducer = nextAnswer
    queue.tx.responseEvent = nextAnswer.advanced(by: 1)
    queue.tx.requestProducer = next
    queue.unanswered = open.filter { $0.index.isBehind(consumer) }.map {
      QueueSnapshot.Unanswered(request: $0.published, extras: $0.extras)
    }
    queue.txSlots = untaken.slots.enumerated().map { place, words in
      QueueSnapshot.Slot(
        index: consumer.advanced(by: UInt32(place)),
        words: TraceEvent.Words(words[0], words[1], words[2]))
    }
    queue.remainingCredit = remainingCredit
  }

  /// Takes what the backend answers; `nil` when no request is open that it could be for.
  ///
  /// A request that the guest has changed since it was published is found by its id or its grant,
  /// whichever it still has.
  mutating func answer(_ response: TapResponse) -> Answer? {
    let used = TxRequest(tap: response.request)
    guard let place = place(of: used, isLate: response.isLate) else { return nil }
    let index = nextAnswer
    nextAnswer.advance(by: 1 + response.extras)
    let slot = open.remove(at: place)
    let change = SlotChange(of: slot.index, from: slot.published, to: used)
    return Answer(index: index, request: slot.index, change: change, infos: slot.infos)
  }

  private func place(of used: TxRequest, isLate: Bool) -> Int? {
    let exact = open.firstIndex {
      $0.published.grant == used.grant && $0.published.id == used.id
    }
    // A late answer may be for a request that no snapshot had any more.
    guard exact == nil, !isLate else { return exact }
    return open.firstIndex { $0.published.id == used.id }
      ?? open.firstIndex { $0.published.grant == used.grant }
  }

  /// Notes a mapping, so that its release and its end can be named.
  mutating func map(_ map: TapMap) {
    grants[map.handle] = map.grant
    guard let pending = map.pendingIndex else { return }
    requests[pending] = open.first { $0.published.grant == map.grant }?.index
  }

  /// The page of a mapping that ends.
  mutating func unmap(_ handle: UInt32) -> GrantReference? { grants.removeValue(forKey: handle) }

  /// The request at a place of the kernel's table.
  func request(at pending: UInt16) -> RingIndex? { requests[pending] }

  /// The first slot of a frame that went to the network: frames go in ring order, refused ones do
  /// not go, and a frame is as long as its first slot says.
  mutating func head(of frame: TapFrame) -> RingIndex {
    guard let place = packets.firstIndex(where: { UInt32($0.total) == frame.length }) else {
      return next
    }
    let head = packets[place].head
    packets.removeFirst(place + 1)
    return head
  }
}
