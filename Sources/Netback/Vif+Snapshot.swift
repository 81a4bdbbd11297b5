public import TraceFormat
package import Netif
import XenRing
internal import XenInterface

// A vif as it stands, so that a trace can begin at any moment.

extension Vif {
  /// Tells who watches from now on of every frame that waits for the guest, as of one that is queued.
  public func tellWaitingFrames(to tap: some NetbackTap) {
    for queue in queues { queue.rx.tellWaitingFrames(to: tap) }
  }

  /// What a replay needs to go on from here, but for store keys, which the vif does not know.
  public func snapshot() -> VifSnapshot {
    VifSnapshot(
      domain: context.configuration.domain, handle: context.configuration.handle,
      features: context.configuration.features, isDisabled: context.isDisabled,
      multicast: context.multicast.addresses, hash: HashSnapshot(context.hash),
      control: control?.indices, keys: context.configuration.ownKeys + headerKeys,
      queues: queues.map { queue in
        var snapshot = QueueSnapshot()
        queue.tx.describe(in: &snapshot)
        queue.rx.describe(in: &snapshot)
        return snapshot
      })
  }
}

extension VifDevice {
  /// What a replay needs to go on from here.
  public func snapshot() -> VifSnapshot {
    var snapshot = vif.snapshot()
    let own = snapshot.keys
    snapshot.keys = storeKeys().filter { $0.name != VifSnapshot.Key.headroom } + own
    snapshot.keys.sort { $0.name < $1.name }
    return snapshot
  }
}

extension ControlQueue where Memory: ~Copyable {
  /// The ring's indices; each message taken is answered.
  fileprivate var indices: QueueSnapshot.Indices { ring.indices(taken: ring.requestConsumer) }
}

extension TxQueue where Memory: ~Copyable {
  fileprivate func describe(in snapshot: inout QueueSnapshot) {
    snapshot.tx = ring.indices(taken: pipeline.consumed)
    snapshot.unanswered = pipeline.batch.held.elements.map { held in
      let request = TxRequest(
        grant: .init(rawValue: 0), offset: 0, flags: [], id: held.answer.id, size: 0)
      return .init(request: request, extras: UInt8(clamping: held.answer.extras))
    }
    snapshot.txSlots = ring.slots(between: snapshot.tx)
    snapshot.describe(pipeline.intake.credit)
  }
}

extension QueueSnapshot {
  /// Takes over how far the guest's credit goes.
  package mutating func describe(_ credit: CreditScheduler) {
    remainingCredit = credit.remaining
    creditBytes = credit.bytes
    creditMicroseconds = credit.window / 1000
  }
}

extension RxQueue where Memory: ~Copyable {
  /// See `Vif`. A guest that was cut off gets none of them.
  package func tellWaitingFrames(to tap: some NetbackTap) {
    guard !context.isDisabled else { return }
    waiting.forEach { frame, octets in
      tap.rxQueued(
        queue: queue, offload: frame.offload, octets: octets, accepted: true,
        now: RxLiveness.arrival(expiring: frame.expires, notifies: notifies))
    }
  }

  /// Hands every frame that waits for the guest to `body`.
  package func forEachWaitingFrame(_ body: (FrameOffload, RawSpan) -> Void) {
    waiting.forEach { body($0.offload, $1) }
  }

  fileprivate func describe(in snapshot: inout QueueSnapshot) {
    snapshot.rx = ring.indices(taken: ring.requestConsumer)
    snapshot.rxSlots = ring.slots(between: snapshot.rx)
    snapshot.queuedFrames = UInt32(waiting.count)
    snapshot.queuedOctets = UInt64(waiting.octetCount)
  }
}

extension BackRing where Memory: ~Copyable {
  /// The ring as it stands, with all requests before `consumer` taken.
  fileprivate func indices(taken consumer: RingIndex) -> QueueSnapshot.Indices {
    var indices = QueueSnapshot.Indices()
    indices.requestConsumer = consumer
    indices.responseProducer = responseProducer
    indices.requestProducer = loadRequestProducer()
    indices.requestEvent = peekRequestEvent()
    indices.responseEvent = peekResponseEvent()
    return indices
  }

  /// The requests that are published and not taken; no more than the ring holds.
  fileprivate func slots(between indices: QueueSnapshot.Indices) -> [QueueSnapshot.Slot] {
    let consumer = indices.requestConsumer
    let published = min(indices.requestProducer.distance(from: consumer), capacity)
    return (0..<published).map { ahead in
      let index = consumer.advanced(by: ahead)
      return .init(index: index, words: .init(peekWords(at: index)))
    }
  }
}

extension TraceEvent.Words {
  /// The words of a slot.
  init(_ words: SlotWords) { self.init(words[0], words[1], words[2], words[3]) }
}
