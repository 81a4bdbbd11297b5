import Netif
import TraceFormat
import XenInterface
import XenRing

/// What a guest does for one poll of its TX ring: the slots that the poll takes and the producer that is
/// published.
struct TxBatch {
  /// The slots, in ring order.
  var slots: [(index: RingIndex, words: TraceEvent.Words)] = []
  /// The producer, as the guest claims it.
  var claimed: RingIndex
  /// The events of the poll, which have what the memory held.
  var turn: Turn
  /// What they say together.
  var scene: PollScene
  /// Slots that the poll took and that stand nowhere in the trace.
  var missing: UInt32 = 0

  /// Whether the guest has something to do.
  var isEmpty: Bool { slots.isEmpty && !scene.isDisabled }
}

/// Gathers the events of a TX ring until the backend has done what it does in one go: a poll, or a
/// release of frames between two polls.
struct TxTurns {
  private(set) var turn = Turn()
  private(set) var isInPoll = false
  private(set) var hasAnswers = false
  private var scene = PollScene()
  /// The slots seen last, by their places.
  private var slots = [QueueSnapshot.Slot?](repeating: nil, count: GuestSlots.count)
  /// The next slot to be taken.
  private var next: RingIndex
  private var claimed: RingIndex

  /// Goes on from what a snapshot says.
  init(from snapshot: QueueSnapshot) {
    next = snapshot.tx.requestConsumer
    claimed = snapshot.tx.requestProducer
    for slot in snapshot.txSlots { slots[GuestSlots.place(of: slot.index)] = slot }
  }

  mutating func append(_ event: TraceEvent, _ payload: RawSpan, number: UInt64) {
    turn.append(event, payload, number: number)
    switch event.body {
    case .pollBegin: isInPoll = true
    case .pollEnd: isInPoll = false
    case .txResponse: hasAnswers = true
    case .slot(_, let index, let words):
      slots[GuestSlots.place(of: index)] = .init(index: index, words: words)
    case .requestProducer(_, let index): claimed = index
    default: break
    }
  }

  mutating func removeAll() {
    turn.removeAll()
    hasAnswers = false
  }

  /// What the guest does for the poll that is over.
  ///
  /// What the poll left in the ring is published for the one that takes it, as its slots are not known
  /// before. Where the guest was cut off, all was published that it claimed.
  mutating func takeBatch() -> TxBatch {
    scene.read(turn)
    let end = scene.consumer ?? next
    var batch = TxBatch(claimed: scene.isDisabled ? claimed : end, turn: turn, scene: scene)
    let taken = end.distance(from: next)
    guard taken <= UInt32(GuestSlots.count) else {
      batch.missing = taken
      return batch
    }
    let ahead = batch.claimed.distance(from: next)
    let limit = ahead <= UInt32(GuestSlots.count) ? max(taken, ahead) : taken
    for place in 0..<limit {
      let index = next.advanced(by: place)
      guard let slot = slots[GuestSlots.place(of: index)], slot.index == index else {
        if place < taken { batch.missing = taken - place }
        break
      }
      batch.slots.append((index, slot.words))
    }
    next = end
    return batch
  }
}
