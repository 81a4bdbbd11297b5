import Netback
import Netfront
import Netif
import TraceFormat
import XenInterface
import XenRing

/// One queue of a vif that is replayed: the guest's half of its rings, and the turns of the trace.
///
/// A turn is what the backend did in one go: a poll of the TX ring, a release of frames outside
/// of one, a batch of frames for the guest. The events of a turn are gathered before the backend
/// is let loose, for a trace says only afterwards what it took and what the memory held.
struct QueueReplay {
  let number: UInt16
  let queue: VifQueue
  /// The guest's half, which does what the trace says.
  let front: FrontQueue
  var slots: QueueSlots
  let judge: Judge
  let witness: Witness
  /// Whether only other queues are replayed.
  let isLeftOut: Bool
  /// How the guest's credit is limited; then what credit left in the ring is not published.
  let isLimited: Bool
  var walker = TxSlotWalker()
  var nextWalked: RingIndex
  /// The first request that the trace itself takes.
  let firstTaken: RingIndex
  var txTurn = Turn()
  var rxTurn = Turn()
  /// What the backend did in the turn that is replayed.
  var seen = Turn()
  var isInPoll = false
  /// Whether `txTurn` has answers, and whether the guest is cut off in it.
  var txHasAnswers = false
  var txCutsOff = false
  /// What the turn that is replayed says.
  var scene = PollScene()
  /// The slots that it takes.
  var taken: [PollScene.DataSlot] = []
  /// The answers of `rxTurn`, and the pages that they are about.
  var rxAnswers = AnswerTrack()
  var answered = GrantIndex()
  /// Whether an event of `rxTurn` was seen from outside, and whether a copy of it failed.
  var rxIsObserved = false
  var rxHasFailures = false
  /// Frames that wait for the guest, to compare its pages with.
  var waiting = FrameQueue()
  /// Requests from before the trace, by id.
  var fromBefore: [UInt16: RingIndex] = [:]
  /// What is still to be answered in the poll under way, in ring order.
  var wantedAnswers: [RingIndex] = []
  var lastClaimed: RingIndex
  var pollTime = MonotonicInstant(nanoseconds: 0)

  init(
    _ number: Int, of vif: Vif, from snapshot: QueueSnapshot, headers: HeaderArea?,
    world: ReplayWorld, judge: Judge, witness: Witness
  ) throws(ReplayError) {
    self.number = UInt16(number)
    self.judge = judge
    self.witness = witness
    isLeftOut = !judge.replays(queue: number)
    isLimited = snapshot.creditBytes != .max
    nextWalked = snapshot.tx.requestConsumer
    firstTaken = snapshot.tx.requestConsumer
    lastClaimed = snapshot.tx.requestProducer
    front = try Self.open(snapshot, hasHeaders: headers != nil, world)
    let area = front.headerPages.flatMap { own in headers.map { HeaderSlots(own, for: $0) } }
    slots = QueueSlots(
      tx: GuestSlots(front.txPages, ring: 0, headers: area),
      rx: GuestSlots(front.rxPages, ring: 1))
    let past = Self.past(of: snapshot)
    for answer in past.unanswered { fromBefore[answer.id] = answer.request }
    try Self.connect(front, to: vif, past, world)
    queue = vif.queues[number]
    try stagePages()
    for slot in snapshot.txSlots { register(tx: slot.index, slot.words, isBad: false) }
    for slot in snapshot.rxSlots { register(rx: slot.index, slot.words, isBad: false) }
    front.tx.publish(claiming: snapshot.tx.requestConsumer, .never)
    front.rx.publish(claiming: snapshot.rx.requestConsumer, .never)
  }

  /// Makes the guest's half as the snapshot has it, with a page for every slot. Nobody waits for
  /// its events: the trace says when the backend runs.
  private static func open(
    _ snapshot: QueueSnapshot, hasHeaders: Bool, _ world: ReplayWorld
  ) throws(ReplayError) -> FrontQueue {
    let options = NetfrontOptions(
      txPages: GuestSlots.count, rxPages: GuestSlots.count, txStart: snapshot.tx.responseProducer,
      rxStart: snapshot.rx.responseProducer)
    let front: FrontQueue
    do throws(NetfrontError) {
      front = try FrontQueue(
        options, split: false, hasHeaders: hasHeaders, backend: world.backend.domain,
        xen: world.guest)
    } catch { throw .front(error) }
    front.tx.setResponseEvent(snapshot.tx.responseEvent)
    front.rx.setResponseEvent(snapshot.rx.responseEvent)
    return front
  }

  private static func connect(
    _ front: FrontQueue, to vif: Vif, _ past: VifQueuePast, _ world: ReplayWorld
  ) throws(ReplayError) {
    let (guest, grants) = (world.guest.domain, world.backend.grants)
    let pages: VifQueueRings
    do throws(GrantError) {
      pages = VifQueueRings(
        tx: try grants.map(front.tx.grant, of: guest, access: .readWrite),
        rx: try grants.map(front.rx.grant, of: guest, access: .readWrite),
        headers: front.headerPages.flatMap { HeaderArea(grants: $0.grants) })
    } catch { throw .grant(error) }
    do throws(RingViolation) { try vif.addQueue(pages, past: past) } catch {
      throw .grant(.exhausted)
    }
  }

  /// Requests that wait for their release get indices right before the next request; their own are
  /// not known.
  private static func past(of snapshot: QueueSnapshot) -> VifQueuePast {
    var index = snapshot.tx.requestConsumer
    var answers: [TxAnswer] = []
    for entry in snapshot.unanswered.reversed() {
      index = RingIndex(rawValue: index.rawValue &- 1 &- UInt32(entry.extras))
      answers.append(
        TxAnswer(
          request: index, id: entry.request.id, extras: UInt16(entry.extras), status: .okay))
    }
    return VifQueuePast(taken: snapshot.tx.requestConsumer, unanswered: answers.reversed())
  }
}

// MARK: - Slots

extension QueueReplay {
  /// Writes a TX slot into the ring, with a page of this world.
  mutating func register(tx index: RingIndex, _ words: TraceEvent.Words, isBad: Bool) {
    let kind = kind(of: [words.w0, words.w1, words.w2, 0], at: index)
    front.tx.write(slots.tx.resolve(words, at: index, kind: kind, isBad: isBad), at: index)
  }

  /// A slot that is seen again, as after a snapshot, is of the kind it was.
  private mutating func kind(of words: SlotWords, at index: RingIndex) -> TxSlotWalker.Kind {
    let behind = nextWalked.distance(from: index)
    if behind > 0, behind <= UInt32(GuestSlots.count) {
      return slots.tx.kind(at: index)
    }
    nextWalked = index.advanced(by: 1)
    return walker.take(words)
  }

  /// Writes an RX request into the ring, with a page of this world.
  mutating func register(rx index: RingIndex, _ words: TraceEvent.Words, isBad: Bool) {
    let grant = slots.rx.assign(GrantReference(rawValue: words.w1), at: index, isBad: isBad)
    front.rx.write([words.w0, grant.rawValue, 0, 0], at: index)
  }

  /// Accounts for turns that the trace does not finish.
  mutating func flush() {
    dropTx()
    flushRx()
  }
}
