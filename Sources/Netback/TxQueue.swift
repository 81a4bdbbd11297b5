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
/// Only fetching and answering see ring memory; the stages between are `TxPipeline`.
public final class TxQueue<Memory: RingMemory & ~Copyable> {
  private var ring: BackRing<Memory, TxRequest, TxResponse>
  private let pipeline: TxPipeline

  /// Takes a ring that is attached; it goes on at the index the ring is at.
  public init(
    ring: consuming BackRing<Memory, TxRequest, TxResponse>, context: VifContext, queue: UInt16,
    credit: CreditScheduler = .unlimited
  ) {
    pipeline = TxPipeline(context: context, queue: queue, start: ring.requestConsumer)
    pipeline.credit = credit
    self.ring = ring
  }

  /// Slots whose frames somebody still holds (`AnswerOrder.completion` only).
  public var heldSlotCount: Int { pipeline.held.count }
  /// Index of the next slot to judge (`req_cons`).
  public var requestConsumer: RingIndex { pipeline.consumed }
  /// Index of the next answer (`rsp_prod_pvt`).
  public var responseProducer: RingIndex { ring.responseProducer }

  /// Takes requests, up to the vif's budget of packets, and answers what can be answered.
  public func poll(now: MonotonicInstant) -> TxPoll {
    guard !pipeline.context.isDisabled else { return TxPoll() }
    let budget = pipeline.context.configuration.pollBudget
    let claimed = ring.loadRequestProducer()
    pipeline.context.tap?.txPollBegan(
      queue: pipeline.queue, claimed: claimed, budget: budget, now: now)
    pipeline.begin()
    if isBelievable(claimed) { take(upTo: claimed, budget: budget, now: now) }
    var result = TxPoll(packets: pipeline.packetCount)
    pipeline.execute()
    result.notification = answer()
    pipeline.context.tap?.txPollEnded(
      queue: pipeline.queue, consumer: pipeline.consumed, producer: ring.responseProducer,
      packets: result.packets)
    rest(&result, budget: budget)
    return result
  }

  /// Answers all slots of a frame; its holder is done with it.
  ///
  /// - Returns: whether the frontend asked to be told.
  public func release(frame head: RingIndex, now: MonotonicInstant) -> PeerNotification {
    pipeline.context.tap?.txReleased(queue: pipeline.queue, head: head, now: now)
    pipeline.release(frame: head)
    return answer()
  }

  /// Answers one held slot at once, or ahead of the answer to `later` while that waits in a poll.
  ///
  /// - Returns: whether the slot was held.
  public func release(slot: RingIndex, before later: RingIndex? = nil) -> Bool {
    guard pipeline.release(slot: slot, before: later) else { return false }
    if later == nil { _ = answer() }
    return true
  }

  /// Linux refuses a producer more than a ring ahead of what it has consumed, for good.
  private func isBelievable(_ claimed: RingIndex) -> Bool {
    let distance = claimed.distance(from: pipeline.consumed)
    guard distance > ring.capacity else { return true }
    let violation = RingViolation.producerTooFar(distance: distance, limit: ring.capacity)
    pipeline.context.disable(.ring(violation), queue: pipeline.queue)
    return false
  }

  private func take(upTo claimed: RingIndex, budget: Int, now: MonotonicInstant) {
    while case .wantsSlots = pipeline.assemble(budget: budget, now: now) {
      let isRefilled = pipeline.refill { slots in ring.takeSlots(into: &slots, upTo: claimed) }
      guard isRefilled else { return pipeline.endOfPublishedSlots() }
    }
  }

  /// Writes the waiting answers into the ring and publishes them.
  private func answer() -> PeerNotification {
    guard !pipeline.answers.isEmpty else { return .suppressed }
    let first = ring.responseProducer
    let answers = pipeline.answers
    for answer in answers {
      ring.respond(TxResponse(id: answer.id, status: answer.status))
      for _ in 0..<answer.extras {
        let null = UInt16(bitPattern: NetifStatus.null.rawValue)
        ring.respond(half: null, atOctet: TxResponse.statusOctet)
      }
    }
    let notification = ring.pushResponses()
    pipeline.context.tap?.txAnswered(
      queue: pipeline.queue, first: first, answers.span, notified: notification)
    pipeline.answers.removeAll(keepingCapacity: true)
    return notification
  }

  /// Looks once more before going to sleep, unless credit is what the queue waits for.
  private func rest(_ result: inout TxPoll, budget: Int) {
    guard !pipeline.context.isDisabled else { return }
    result.wakeUp = pipeline.credit.wakeUp
    if result.wakeUp != nil { return }
    guard pipeline.isWindowEmpty, result.packets < budget else {
      result.hasMore = true
      return
    }
    let event = pipeline.consumed.advanced(by: 1)
    let producer = ring.armRequestEvent(at: event)
    pipeline.context.tap?.txArmed(queue: pipeline.queue, at: event)
    result.hasMore = producer != pipeline.consumed
  }
}
