import Netback
import Netif
import TraceFormat
import XenInterface
import XenRing

// A played vif as a trace has it.

extension ScenarioPlayer {
  /// What a trace of this player says of itself before its first event.
  func header(tool: String) -> TraceHeader {
    TraceHeader(
      source: .fuzzer, clock: .simulated, profile: world.vif.profile, order: .completion,
      snapLength: UInt32(UInt16.max), tool: tool, vifs: [snapshot()])
  }

  /// Has somebody watch the netback, or nobody.
  func watch(with tap: (any NetbackTap)?) { world.context.watch(with: tap) }

  /// Frames for the guest that waited too long for pages.
  var expiredFrames: UInt64 { world.context.statistics.rxExpired }

  /// The time.
  var instant: MonotonicInstant { PlayedVif.instant(now) }

  /// Hands every frame that waits for the guest to `body`.
  func forEachWaitingFrame(_ body: (FrameOffload, RawSpan) -> Void) {
    if !world.context.isDisabled { rx.forEachWaitingFrame(body) }
  }

  /// The vif as it stands; the queue beside the one that is played is as it was connected.
  ///
  /// - Parameter step: a limit that is about to be set.
  func snapshot(limitedBy step: ScenarioStep? = nil) -> VifSnapshot {
    let context = world.context
    var queue = QueueSnapshot()
    tx.describe(in: &queue)
    rx.describe(in: &queue)
    if case .rate(let octets, let milliseconds) = step {
      var credit = tx.credit
      credit.change(
        bytes: UInt64(octets), microseconds: (UInt64(milliseconds) + 1) * 1000, now: instant)
      queue.describe(credit)
    }
    return VifSnapshot(
      domain: context.configuration.domain, handle: context.configuration.handle,
      features: context.configuration.features, isDisabled: context.isDisabled,
      multicast: context.multicast.addresses, hash: HashSnapshot(context.hash),
      control: control.indices, keys: context.configuration.ownKeys,
      queues: [queue, QueueSnapshot()])
  }
}

extension PlayedTx {
  var credit: CreditScheduler { queue.credit }

  func describe(in snapshot: inout QueueSnapshot) {
    snapshot.tx = guest.indices(taken: queue.requestConsumer)
    snapshot.txSlots = guest.untaken(from: queue.requestConsumer)
    snapshot.describe(queue.credit)
  }
}

extension PlayedRx {
  func forEachWaitingFrame(_ body: (FrameOffload, RawSpan) -> Void) {
    queue.forEachWaitingFrame(body)
  }

  func describe(in snapshot: inout QueueSnapshot) {
    snapshot.rx = guest.indices(taken: queue.requestConsumer)
    snapshot.rxSlots = guest.untaken(from: queue.requestConsumer)
    snapshot.queuedFrames = UInt32(queue.waitingFrames)
    snapshot.queuedOctets = UInt64(queue.waitingOctets)
  }
}

extension PlayedControl {
  var indices: QueueSnapshot.Indices { guest.indices(taken: queue.requestConsumer) }
}

extension PlayedGuest {
  /// The ring's indices, with all requests before `consumer` taken. Each that was taken has its answer.
  func indices(taken consumer: RingIndex) -> QueueSnapshot.Indices {
    var indices = QueueSnapshot.Indices()
    indices.requestConsumer = consumer
    indices.responseProducer = RingIndex(rawValue: ring[index: RingLayout.responseProducer])
    indices.requestProducer = RingIndex(rawValue: ring[index: RingLayout.requestProducer])
    indices.requestEvent = RingIndex(rawValue: ring[index: RingLayout.requestEvent])
    indices.responseEvent = RingIndex(rawValue: ring[index: RingLayout.responseEvent])
    return indices
  }

  /// The requests that are published and not taken; no more than the ring holds.
  func untaken(from consumer: RingIndex) -> [QueueSnapshot.Slot] {
    let end = RingIndex(rawValue: ring[index: RingLayout.requestProducer])
    return (0..<min(end.distance(from: consumer), ring.capacity)).map { ahead in
      let index = consumer.advanced(by: ahead)
      let words = ring.slot(index.rawValue)
      return .init(index: index, words: .init(words[0], words[1], words[2], words[3]))
    }
  }
}
