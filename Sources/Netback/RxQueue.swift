public import Netif
public import XenInterface
public import XenRing

/// What an RX poll did.
public struct RxPoll: Hashable, Sendable {
  /// Frames handed to the guest.
  public var packets = 0
  /// Whether frames wait that fit the requests at hand.
  public var hasMore = false
  /// Whether the frontend asked to be told of the answers.
  public var notification = PeerNotification.suppressed
  /// When the first frame expires or the queue stalls; `nil` when nothing waits.
  public var wakeUp: MonotonicInstant?
}

/// One RX ring of a vif: frames from the network go into pages that the guest offers.
///
/// Answers stand in the slots of the requests they use: frontends pair by position. As in `TxQueue`,
/// what other modules call is compiled for `SharedPage` too.
public final class RxQueue<Memory: RingMemory & ~Copyable> {
  /// Frames that one poll hands over at most (Linux: `RX_BATCH_SIZE`).
  public static var batch: Int { 64 }

  var ring: BackRing<Memory, RxRequest, RxResponse>
  let context: QueueContext
  let queue: UInt16
  let staging: StagingTable?
  private(set) var waiting: RxFrameQueue
  var plan = RxPlan()
  /// What a tap was told last; its room is used again.
  private var told: [SlotWords] = []
  var liveness = RxLiveness()

  /// Takes a ring that is attached; it goes on at the index the ring is at.
  ///
  /// - Parameters:
  ///   - ring: the backend's half of it.
  ///   - context: what the vif's queues share.
  ///   - queue: its number.
  ///   - staging: pages of the guest's that need no copy by Xen.
  public init(
    ring: consuming BackRing<Memory, RxRequest, RxResponse>, context: VifContext, queue: UInt16,
    staging: StagingTable? = nil
  ) {
    self.ring = ring
    self.context = context.queue(queue)
    self.queue = queue
    self.staging = staging
    waiting = RxFrameQueue(limit: self.context.configuration.receiveRules.waitingOctets)
  }

  /// What copies: Xen, or the staging table in front of it.
  private var copier: any GrantDevice { staging ?? context.grants }

  /// Frames that wait for the guest.
  public var waitingFrames: Int { waiting.count }
  /// Octets in them.
  public var waitingOctets: Int { waiting.octetCount }
  /// Frames of any length that can surely be queued.
  public var room: Int { waiting.room }
  /// Index of the next request to take, which is that of the next answer too.
  public var requestConsumer: RingIndex { ring.requestConsumer }

  /// Queues a frame for the guest.
  ///
  /// - Returns: whether there was room; a refused frame is counted.
  @_specialize(where Memory == SharedPage)
  public func enqueue(_ octets: RawSpan, offload: FrameOffload, now: MonotonicInstant) -> Bool {
    context.refresh()
    let expires = RxLiveness.expiry(from: now, notifies: notifies)
    let accepted = isOpen && waiting.append(octets, offload, expires: expires)
    if !accepted { context.counters.rxRefused.grow() }
    context.tap?.rxQueued(
      queue: queue, offload: offload, octets: octets, accepted: accepted, now: now)
    return accepted
  }

  /// Whether frames are taken at all.
  var isOpen: Bool { !context.isDisabled && context.hasCarrier }

  var notifies: Bool { context.configuration.features.contains(.rxNotify) }

  /// Hands frames over as long as the guest has offered enough pages; drops those that have waited
  /// too long, and sees whether the guest has stalled.
  ///
  /// - Parameters:
  ///   - now: the time by the clock of the worker's loop.
  ///   - dropsExpired: `false` keeps what has waited too long: a replay knows of each poll whether
  ///     something was dropped in it.
  @_specialize(where Memory == SharedPage)
  public func poll(now: MonotonicInstant, dropsExpired: Bool = true) -> RxPoll {
    guard !context.isDisabled else { return RxPoll() }
    context.refresh()
    var result = deliver(now: now)
    let next = waiting.first
    var claimed = ring.requestConsumer
    result.hasMore = next.map { hasRoom(for: $0, upTo: &claimed) } ?? false
    if liveness.update(hasSlots: next == nil || result.hasMore, notifies: notifies, now: now) {
      context.board.countStalled(liveness.isStalled ? 1 : -1)
    }
    // What there is room for is handed over, however long it has waited.
    guard next != nil, !result.hasMore else { return result }
    if dropsExpired { dropExpired(claimed: claimed, now: now) }
    if let first = waiting.first {
      result.wakeUp = min(first.expires, (notifies ? liveness.deadline : nil) ?? first.expires)
    }
    return result
  }
  /// Forgets what waits, and when something was delivered.
  func forgetAll() {
    waiting.removeAll()
    plan.reset()
    liveness = RxLiveness()
  }

  private func deliver(now: MonotonicInstant) -> RxPoll {
    let first = ring.requestConsumer
    let claimed = gather()
    guard plan.packets > 0 else { return RxPoll() }
    liveness.delivered(now: now)
    tellFetched(first: first, claimed: claimed, now: now)
    waiting.withStorage { copy(from: $0.bytes) }
    return conclude()
  }

  /// Answers what was copied.
  func conclude() -> RxPoll {
    if context.configuration.receiveRules.checksGrants {
      plan.settle(profile: context.configuration.profile)
    }
    context.counters.count(plan)
    let result = RxPoll(packets: plan.packets, notification: answer())
    plan.reset()
    return result
  }

  func tellFetched(first: RingIndex, claimed: RingIndex, now: MonotonicInstant) {
    guard let tap = context.tap else { return }
    plan.requests.copy(into: &told)
    // Held as a constant: the witness may come back to this object.
    let slots = told
    tap.rxFetched(queue: queue, first: first, slots: slots.span, claimed: claimed, now: now)
  }

  /// - Parameter claimed: the producer that was seen last, which does not suffice for the first frame.
  private func dropExpired(claimed: RingIndex, now: MonotonicInstant) {
    guard context.configuration.receiveRules.dropsExpired else { return }
    let before = waiting.count
    while let frame = waiting.first, frame.expires <= now {
      waiting.removeFirst()
      context.counters.rxExpired.grow()
    }
    guard waiting.count < before else { return }
    context.tap?.rxExpired(
      queue: queue, claimed: claimed, consumer: ring.requestConsumer,
      producer: ring.responseProducer, now: now)
  }

  /// Takes requests for as many waiting frames as they suffice for.
  private func gather() -> RingIndex {
    plan.gather(
      from: &waiting, &ring, limit: Self.batch, configuration: context.configuration)
  }

  /// - Parameter claimed: becomes the producer that was seen last.
  private func hasRoom(for next: WaitingFrame, upTo claimed: inout RingIndex) -> Bool {
    claimed = ring.loadRequestProducer()
    let needed = context.configuration.neededSlots(next.offload, length: next.length)
    return ring.holds(needed, upTo: &claimed)
  }

  /// Does the planned copies out of the octets in which the frames lie.
  func copy(from octets: RawSpan) {
    let domain = context.configuration.domain
    if let staging, staging.followsRequests { follow(staging) }
    plan.withCopies { operations in
      copier.copy(&operations, to: domain, from: octets)
      context.tap?.rxCopied(queue: queue, operations.span, buffer: octets)
    }
    if let staging {
      context.counters.rxStaged.grow(by: staging.takeTally())
      staging.letGo()
    }
  }

  private func follow(_ staging: StagingTable) {
    for place in plan.requests.indices {
      let request = RxRequest(words: plan.requests[place])
      staging.follow(request.grant, persists: request.persists, isReadOnly: false)
    }
  }

  private func answer() -> PeerNotification {
    let push = ring.push(plan.responses)
    if let tap = context.tap {
      plan.responses.copy(into: &told)
      let words = told
      tap.rxAnswered(queue: queue, words.span, push: push)
    }
    return push.notification
  }
}

extension QueueCounters {
  fileprivate func count(_ plan: borrowing RxPlan) {
    rxPackets.grow(by: UInt64(plan.packets))
    rxOctets.grow(by: plan.octets)
  }
}

extension BackRing where Memory: ~Copyable, Request == RxRequest, Response == RxResponse {
  /// Whether `needed` requests are published; if not, asks to be told and looks once more.
  ///
  /// As in Linux a producer that lies is believed: what it claims is stale at worst, and Xen checks
  /// each copy. But no slot is taken before it has the answer that it is due: that bounds what a lie
  /// can have done, and a frame that needs more slots than a ring has is never handed over.
  func holds(_ needed: UInt32, upTo claimed: inout RingIndex) -> Bool {
    guard needed <= capacity &- outstanding else { return false }
    while claimed.distance(from: requestConsumer) < needed {
      let latest = armRequestEvent(at: claimed.advanced(by: 1))
      if latest == claimed { return false }
      claimed = latest
    }
    return true
  }

  /// Writes answers over the next slots and publishes them.
  mutating func push(_ answers: borrowing PlainList<SlotWords>) -> RingPush {
    let first = responseProducer
    for place in answers.indices { respond(words: answers[place]) }
    let notification = pushResponses()
    return RingPush(
      first: first, end: responseProducer, event: responseEvent, notification: notification)
  }
}
