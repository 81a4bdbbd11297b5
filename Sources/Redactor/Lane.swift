import Netif
import TraceFormat
import XenInterface
import XenRing

/// What is known of a queue while its events go by.
struct Lane: Sendable {
  /// Which vif and which of its queues.
  struct Name: Hashable {
    var vif: UInt16
    var queue: UInt16

    init(vif: UInt16, queue: UInt16) {
      self.vif = vif
      self.queue = queue
    }

    init(_ event: TraceEvent) { self.init(vif: event.vif, queue: event.queue) }
  }

  /// What a poll has brought so far.
  enum Part {
    /// A copy out of the guest's memory.
    case copy(TraceEvent.GrantOperand)
    /// The number of an event that waits for the poll's end: memory or a frame.
    case octets(UInt64)
  }

  var slots: TxSlotTable
  /// Whether a poll of the TX ring is under way.
  var isInPoll = false
  /// In the order of the trace.
  var parts: [Part] = []
  /// Whether the next answer on RX is an extra info.
  private var isExtraNext = false

  /// Nothing is known yet.
  init() { slots = TxSlotTable() }

  /// Starts as a snapshot has it.
  init(_ snapshot: QueueSnapshot, _ headers: [GrantReference]?) {
    slots = TxSlotTable(
      at: snapshot.tx.requestConsumer, headers: headers.flatMap { HeaderArea(grants: $0) })
    for slot in snapshot.txSlots { _ = slots.take(slot.words, at: slot.index) }
  }

  /// Takes an answer on RX, or an extra info that stands in the place of one.
  ///
  /// - Returns: the flow hash that such a one says.
  mutating func takeAnswer(_ word0: UInt32, _ word1: UInt32) -> UInt32? {
    let words: SlotWords = [word0, word1, 0, 0]
    guard isExtraNext else {
      isExtraNext = RxResponse(words: words).flags.contains(.extraInfo)
      return nil
    }
    isExtraNext = word0 >> 8 & 1 != 0
    guard case .hash(_, _, let value) = try? ExtraInfoSlot(words: words).info else { return nil }
    return value
  }
}
