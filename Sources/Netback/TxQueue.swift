public import Netif
public import XenInterface
public import XenRing

/// What a poll left to do.
public struct TxPoll: Hashable, Sendable {
  /// Packets accepted.
  public var packets = 0
  /// Whether requests stand waiting that a further poll would take now.
  public var hasMore = false
  /// When credit lets the next packet pass; `nil` when none waits for it.
  public var wakeUp: MonotonicInstant?
  /// Whether the frontend asked to be told of the answers.
  public var notification = PeerNotification.suppressed
}

/// One TX ring of a vif: fetch, assemble, plan, execute, answer.
///
/// Only fetching and answering see ring memory; the stages between are `TxPipeline`. What other
/// modules call is compiled for `SharedPage` too: there the ring's words are plain loads and stores.
public final class TxQueue<Memory: RingMemory & ~Copyable> {
  var ring: BackRing<Memory, TxRequest, TxResponse>
  let pipeline: TxPipeline

  /// Takes a ring that is attached; it goes on at the index the ring is at.
  ///
  /// - Parameters:
  ///   - ring: the backend's half of it.
  ///   - context: what the vif's queues share.
  ///   - queue: its number.
  ///   - staging: pages of the guest's that need no copy by Xen.
  ///   - credit: how much the guest may send.
  ///   - unanswered: requests that were taken before and wait for their release.
  ///   - headers: where the first octets of packets may lie.
  public init(
    ring: consuming BackRing<Memory, TxRequest, TxResponse>, context: VifContext, queue: UInt16,
    staging: StagingTable? = nil, credit: CreditScheduler = .unlimited,
    unanswered: [TxAnswer] = [], headers: HeaderArea? = nil
  ) {
    pipeline = TxPipeline(
      context: context.queue(queue), queue: queue, start: ring.requestConsumer,
      staging: staging, headers: headers)
    pipeline.intake.credit = credit
    for answer in unanswered {
      pipeline.batch.held.append(TxBatch.HeldSlot(head: answer.request, answer: answer, page: nil))
    }
    self.ring = ring
  }

  /// Slots whose frames somebody still holds (`AnswerOrder.completion` only).
  public var heldSlotCount: Int { pipeline.batch.held.count }
  /// Whether somebody still holds the data of this slot.
  public func isHeld(slot: RingIndex) -> Bool {
    pipeline.batch.held.firstIndex { $0.answer.request == slot } != nil
  }
  /// Index of the next slot to judge (`req_cons`).
  public var requestConsumer: RingIndex { pipeline.consumed }
  /// Index of the next answer (`rsp_prod_pvt`).
  public var responseProducer: RingIndex { ring.responseProducer }

  /// Puts another limit in force at once.
  public func limit(bytes: UInt64, microseconds: UInt64, now: MonotonicInstant) {
    pipeline.intake.credit.change(bytes: bytes, microseconds: microseconds, now: now)
  }

  /// Takes requests, up to `budget` packets or the vif's own budget, and answers what can be
  /// answered.
  @_specialize(where Memory == SharedPage)
  public func poll(now: MonotonicInstant, budget: Int? = nil) -> TxPoll {
    releaseEnded(now: now)
    guard !pipeline.context.isDisabled else { return TxPoll(notification: answer()) }
    pipeline.context.refresh()
    let budget = budget ?? pipeline.context.configuration.pollBudget
    let claimed = ring.loadRequestProducer()
    pipeline.context.tap?.txPollBegan(
      queue: pipeline.queue, claimed: claimed, budget: budget, now: now)
    if isBelievable(claimed, after: pipeline.begin()) {
      take(upTo: claimed, budget: budget, now: now)
    }
    var result = TxPoll(packets: pipeline.execute())
    tellSettled()
    result.notification = answer()
    rest(&result, budget: budget)
    pipeline.context.tap?.txPollEnded(
      queue: pipeline.queue, consumer: pipeline.consumed, producer: ring.responseProducer,
      packets: result.packets)
    return result
  }

  /// Answers all slots of a frame, its holder being done with it: at once, or with the poll that is
  /// delivering it.
  ///
  /// - Returns: whether the frontend asked to be told.
  @_specialize(where Memory == SharedPage)
  public func release(frame head: RingIndex, now: MonotonicInstant) -> PeerNotification {
    let first = pipeline.batch.answers.count
    pipeline.batch.release(frame: head)
    tellReleased(from: first, now: now)
    return pipeline.isDelivering ? .suppressed : answer()
  }

  /// Frames that somebody holds (`FrameBatch.keep`).
  public var heldFrameCount: Int { pipeline.keeper?.count ?? 0 }

  /// Counts the frames that are still held; the queue is let go of.
  func abandonHeld() {
    pipeline.context.counters.txAbandoned.grow(by: UInt64(heldFrameCount))
  }

  /// Answers the frames whose holders say that they are done with them.
  ///
  /// - Returns: whether the frontend asked to be told.
  @_specialize(where Memory == SharedPage)
  public func settleHeld(now: MonotonicInstant) -> PeerNotification {
    releaseEnded(now: now)
    return answer()
  }

  private func releaseEnded(now: MonotonicInstant) {
    guard let keeper = pipeline.keeper, keeper.count > 0 else { return }
    let first = pipeline.batch.answers.count
    keeper.drain { pipeline.batch.release(frame: $0) }
    tellReleased(from: first, now: now)
  }

  /// Answers held slots one by one, in this order; those that are not held are passed over.
  ///
  /// - Returns: whether the frontend asked to be told.
  @_specialize(where Memory == SharedPage)
  public func release(slots: Span<RingIndex>, now: MonotonicInstant) -> PeerNotification {
    let first = pipeline.batch.answers.count
    for place in slots.indices { _ = pipeline.batch.release(slot: slots[place], before: nil) }
    tellReleased(from: first, now: now)
    return answer()
  }

  /// Lets a held slot's answer go with those of the poll that is under way: ahead of the answer to
  /// `later`, or behind all of them. Called from a tap's `txSettled`.
  ///
  /// - Returns: whether the slot was held.
  @_specialize(where Memory == SharedPage)
  public func release(
    slot: RingIndex, before later: RingIndex?, now: MonotonicInstant
  ) -> Bool {
    guard let answer = pipeline.batch.release(slot: slot, before: later) else { return false }
    let one: [1 of TxAnswer] = [answer]
    pipeline.context.tap?.txReleased(queue: pipeline.queue, one.span, now: now)
    return true
  }

  private func tellReleased(from first: Int, now: MonotonicInstant) {
    guard let tap = pipeline.context.tap else { return }
    let answers = pipeline.answersToTell()
    tap.txReleased(
      queue: pipeline.queue, answers.span.extracting(first..<answers.count), now: now)
  }

  @inline(__always)
  private func tellSettled() {
    guard let tap = pipeline.context.tap else { return }
    let answers = pipeline.answersToTell()
    tap.txSettled(queue: pipeline.queue, answers.span)
  }

  /// Linux refuses a producer more than a ring ahead of what it has consumed, for good.
  @inline(__always)
  private func isBelievable(_ claimed: RingIndex, after consumed: RingIndex) -> Bool {
    let distance = claimed.distance(from: consumed)
    let capacity = ring.capacity
    guard distance > capacity, pipeline.intake.assembler.rules.checksProducer else { return true }
    let violation = RingViolation.producerTooFar(distance: distance, limit: capacity)
    pipeline.context.disable(.ring(violation), queue: pipeline.queue)
    return false
  }

  private func take(upTo claimed: RingIndex, budget: Int, now: MonotonicInstant) {
    let isWatched = pipeline.context.tap != nil
    while true {
      let pause = pipeline.intake.take(
        from: &ring, upTo: claimed, into: &pipeline.batch, budget: budget, now: now,
        isWatched: isWatched)
      guard pipeline.goesOn(after: pause) else { return }
    }
  }

  /// Writes the waiting answers into the ring and publishes them. What was mapped for them is
  /// unmapped first: a guest that finds a page mapped when it has its answer gives its interface up.
  private func answer() -> PeerNotification {
    pipeline.unmap()
    let told = pipeline.context.tap == nil ? [] : pipeline.answersToTell()
    guard let push = pipeline.batch.writeAnswers(into: &ring) else { return .suppressed }
    pipeline.context.tap?.txAnswered(queue: pipeline.queue, told.span, push: push)
    return push.notification
  }

  /// Looks once more before going to sleep, unless credit is what the queue waits for.
  private func rest(_ result: inout TxPoll, budget: Int) {
    guard !pipeline.context.isDisabled else { return }
    let wait = pipeline.intake.wait
    result.wakeUp = wait.credit
    if result.wakeUp != nil { return }
    guard result.packets < budget, let next = wait.slot else {
      result.hasMore = true
      return
    }
    let event = next.advanced(by: 1)
    let producer = ring.armRequestEvent(at: event)
    pipeline.context.tap?.txArmed(queue: pipeline.queue, at: event)
    result.hasMore = producer != next
  }
}
