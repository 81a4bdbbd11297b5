public import Netif
public import XenInterface
public import XenRing

/// What became of a frame for the guest.
public struct RxSending: Hashable, Sendable {
  /// Whether it was taken: it is in the guest's pages, or waits.
  public var isTaken: Bool
  /// Whether it is in the guest's pages, and answered.
  public var isDelivered = false
  /// Whether the frontend asked to be told of the answers.
  public var notification = PeerNotification.suppressed
}

extension RxQueue where Memory: ~Copyable {
  /// Puts a frame into the guest's pages at once, in the caller's turn, when nothing waits before it and
  /// the guest has staged every page that it needs; else queues it for the next poll.
  @_specialize(where Memory == SharedPage)
  public func send(
    _ octets: RawSpan, offload: FrameOffload, now: MonotonicInstant
  ) -> RxSending {
    let length = octets.byteCount
    guard let staging, waiting.count == 0, isOpen, length > 0,
      length <= RxFrameQueue.largestFrame
    else { return RxSending(isTaken: enqueue(octets, offload: offload, now: now)) }
    let needed = context.configuration.neededSlots(offload, length: length)
    guard let claimed = findStaged(needed, staging) else {
      return RxSending(isTaken: enqueue(octets, offload: offload, now: now))
    }
    context.tap?.rxQueued(
      queue: queue, offload: offload, octets: octets, accepted: true, now: now)
    return deliver(octets, offload, claimed: claimed, now: now)
  }

  /// The producer up to which the requests were seen that a frame needs, if the pages of all are staged.
  ///
  /// Only whether the frame waits hangs on this look: what is done is decided by the words that are taken
  /// then, so a guest that changes them has Xen copy in the caller's turn, and no more.
  private func findStaged(_ needed: UInt32, _ staging: StagingTable) -> RingIndex? {
    let claimed = ring.loadRequestProducer()
    guard staging.count > 0, needed <= ring.capacity,
      claimed.distance(from: ring.requestConsumer) >= needed
    else {
      return nil
    }
    for ahead in 0..<needed {
      let words = ring.peekWords(at: ring.requestConsumer.advanced(by: ahead))
      guard staging.holds(RxRequest(words: words).grant) else { return nil }
    }
    return claimed
  }

  private func deliver(
    _ octets: RawSpan, _ offload: FrameOffload, claimed: RingIndex, now: MonotonicInstant
  ) -> RxSending {
    let first = ring.requestConsumer
    let pieces = RxPieces(start: 0, length: octets.byteCount)
    plan.add(pieces, offload, configuration: context.configuration) { ring.takeWords() }
    context.counters.rxAtOnce.grow()
    liveness.delivered(now: now)
    tellFetched(first: first, claimed: claimed, now: now)
    copy(from: octets)
    let poll = conclude()
    return RxSending(isTaken: true, isDelivered: true, notification: poll.notification)
  }
}
