import TraceFormat
import XenInterface
import XenRing

/// What is known of a ring of a trace, in its indices.
struct LaneRing {
  /// Slots that are kept at most: a ring's, and more than any backend leaves.
  private static let most = 1024

  /// Slots that were seen and are in no scenario yet.
  private var slots: [UInt32: TraceEvent.Words] = [:]
  /// Index of the next slot for the scenario.
  private(set) var next: UInt32
  /// Index of the next answer.
  var answered: UInt32
  /// Up to where the guest has published.
  var claimed: UInt32
  /// How far ahead of its answers the guest asked to be told, if that is to be said.
  var listens: UInt32?

  init(_ indices: QueueSnapshot.Indices) {
    next = indices.requestConsumer.rawValue
    answered = indices.responseProducer.rawValue
    claimed = indices.requestProducer.rawValue
  }

  /// The next slot, if it was seen.
  mutating func take() -> TraceEvent.Words? {
    guard let words = slots.removeValue(forKey: next) else { return nil }
    next &+= 1
    return words
  }

  /// Goes on at another index: slots were not seen.
  mutating func skip(to index: UInt32) {
    slots.removeAll()
    next = index
  }

  /// Takes a slot; one that is in the scenario is seen again behind a snapshot.
  mutating func note(_ index: RingIndex, _ words: TraceEvent.Words) {
    let isAhead = index.rawValue &- next < UInt32(1) << 31
    if isAhead, slots.count < Self.most { slots[index.rawValue] = words }
  }

  /// Where the guest asked to be told, once.
  mutating func takeListens() -> UInt32? {
    defer { listens = nil }
    return listens
  }
}

/// What a turn of a ring brought beside its slots.
struct LaneTurn {
  /// Events that are kept of a turn at most.
  private static let most = 1 << 13

  private(set) var memory: [(operand: TraceEvent.GrantOperand, octets: [UInt8])] = []
  private(set) var failures: [UInt32: GrantStatus] = [:]
  /// The rule that the guest was cut off by in it.
  var rule: UInt8?

  mutating func note(_ grant: GrantReference, _ status: GrantStatus) {
    if status != .okay, failures.count < Self.most { failures[grant.rawValue] = status }
  }

  /// Takes what was seen of a page, the first `limit` octets of it.
  mutating func note(_ operand: TraceEvent.GrantOperand, _ payload: RawSpan, upTo limit: Int) {
    guard memory.count < Self.most else { return }
    memory.append((operand, payload.extracting(first: min(limit, payload.byteCount)).array))
  }
}
