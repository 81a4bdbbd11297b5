internal import Netif
internal import XenInterface
internal import XenRing

/// The lines before the events, for printing and parsing alike.
enum HeaderText {
  static let title = "ringside-trace"
  static let sources = ["in-process", "kernel-tap", "by-hand", "fuzzer"]
  static let clocks = ["monotonic", "simulated"]
  static let profiles = ["linux", "netif"]
  static let orders = ["ring", "completion"]

  static func indices<F: RecordFields & ~Copyable>(
    _ actual: QueueSnapshot.Indices, _ f: inout F
  ) throws(TraceTextError) -> QueueSnapshot.Indices {
    var indices = actual
    indices.requestConsumer = try EventText.code("req-cons", actual.requestConsumer, &f)
    indices.responseProducer = try EventText.code("rsp-prod-pvt", actual.responseProducer, &f)
    indices.requestProducer = try EventText.code("req-prod", actual.requestProducer, &f)
    indices.requestEvent = try EventText.code("req-event", actual.requestEvent, &f)
    indices.responseEvent = try EventText.code("rsp-event", actual.responseEvent, &f)
    return indices
  }

  static func vif<F: RecordFields & ~Copyable>(
    _ actual: VifSnapshot, _ f: inout F
  ) throws(TraceTextError) -> VifSnapshot {
    var vif = actual
    vif.domain = DomainID(rawValue: try f.field("domain", actual.domain.rawValue))
    vif.handle = VifHandle(rawValue: try f.field("handle", actual.handle.rawValue))
    vif.features = NetifFeatures(rawValue: try f.bits("features", actual.features.rawValue))
    vif.isDisabled =
      try f.field("disabled", actual.isDisabled ? 1 : 0, of: EventText.answers) == 1
    vif.hash.algorithm = try f.field("hash-algorithm", actual.hash.algorithm)
    vif.hash.types = try f.bits("hash-types", actual.hash.types)
    return vif
  }

  static func credit<F: RecordFields & ~Copyable>(
    _ actual: QueueSnapshot, _ f: inout F
  ) throws(TraceTextError) -> QueueSnapshot {
    var queue = actual
    queue.remainingCredit = try f.field("remaining", actual.remainingCredit)
    queue.creditBytes = try f.field("bytes", actual.creditBytes)
    queue.creditMicroseconds = try f.field("microseconds", actual.creditMicroseconds)
    return queue
  }

  static func queued<F: RecordFields & ~Copyable>(
    _ actual: QueueSnapshot, _ f: inout F
  ) throws(TraceTextError) -> QueueSnapshot {
    var queue = actual
    queue.queuedFrames = try f.field("frames", actual.queuedFrames)
    queue.queuedOctets = try f.field("octets", actual.queuedOctets)
    return queue
  }

  static func unanswered<F: RecordFields & ~Copyable>(
    _ actual: QueueSnapshot.Unanswered, _ f: inout F
  ) throws(TraceTextError) -> QueueSnapshot.Unanswered {
    let old = actual.request.words
    let words = try EventText.txRequest(TraceEvent.Words(old[0], old[1], old[2]), &f)
    let extras = try f.field("extras", actual.extras)
    return QueueSnapshot.Unanswered(
      request: TxRequest(words: [words.w0, words.w1, words.w2, 0]), extras: extras)
  }

  static func txSlot<F: RecordFields & ~Copyable>(
    _ actual: QueueSnapshot.Slot, _ f: inout F
  ) throws(TraceTextError) -> QueueSnapshot.Slot {
    QueueSnapshot.Slot(
      index: RingIndex(rawValue: try f.number(actual.index.rawValue)),
      words: try EventText.txRequest(actual.words, &f))
  }

  static func rxSlot<F: RecordFields & ~Copyable>(
    _ actual: QueueSnapshot.Slot, _ f: inout F
  ) throws(TraceTextError) -> QueueSnapshot.Slot {
    QueueSnapshot.Slot(
      index: RingIndex(rawValue: try f.number(actual.index.rawValue)),
      words: try EventText.rxRequest(actual.words, &f))
  }
}
