import KernelTap
import TraceFormat
import XenRing

/// What is known of a queue's RX ring while it is recorded: what a trace that begins here starts from.
struct KernelRxTrack {
  /// Index of the next request that was not seen yet.
  private var next: RingIndex
  private var nextAnswer: RingIndex
  private var untaken: [QueueSnapshot.Slot] = []
  /// The first request of the last frame that is not answered yet.
  private var unfinished: RingIndex?

  init(_ snapshot: TapRxSnapshot) {
    next = snapshot.ring.requestConsumer
    nextAnswer = snapshot.ring.privateProducer
    take(snapshot.slots) { _, _ in }
  }

  /// Whether all frames that were taken are answered.
  var isBetweenBatches: Bool { unfinished == nil }

  /// Takes requests in ring order; hands over those that are new.
  mutating func take(_ slots: TapSlots, _ emit: (RingIndex, TraceEvent.Words) -> Void) {
    for place in slots.places(from: next) {
      let words = slots.words(at: place)
      untaken.append(QueueSnapshot.Slot(index: next, words: words))
      emit(next, words)
      next.advance()
    }
  }

  /// Notes that a frame was taken.
  mutating func take(_ frame: TapFrame) { unfinished = frame.index }

  /// Notes that answers were published. The kernel also publishes in the midst of a frame.
  mutating func answer(_ responses: TapSlots) {
    nextAnswer = responses.first.advanced(by: UInt32(responses.count))
    untaken.removeAll { $0.index.isBehind(nextAnswer) }
    if let begin = unfinished, begin.isBehind(nextAnswer) { unfinished = nil }
  }

  /// Describes the ring as it stands between two batches.
  func describe(_ queue: inout QueueSnapshot) {
    queue.rx = QueueSnapshot.Indices(startingAt: nextAnswer)
    queue.rx.requestProducer = next
    queue.rxSlots = untaken
    queue.queuedFrames = 0
    queue.queuedOctets = 0
  }
}
