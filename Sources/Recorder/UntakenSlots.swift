import Netif
import XenRing

/// The slots that a poll has before it, from the first one of a packet on.
///
/// The kernel says only in its log why it cut a guest off. The slots tell it, too.
struct UntakenSlots {
  /// Them, in ring order.
  private(set) var slots: [SlotWords] = []

  /// Takes the next slot of the ring.
  mutating func append(_ slot: SlotWords) { slots.append(slot) }

  /// Forgets what was taken: all but the last `count`.
  mutating func keepLast(_ count: Int) { slots.removeFirst(max(0, slots.count - count)) }

  /// The number of the first rule that they break; `nil` when it is none, or one that what is
  /// published later may still keep.
  var brokenRule: UInt8? {
    var assembler = TxAssembler(rules: TxRules(.linux))
    for slot in slots {
      guard case .violation(let violation) = assembler.take(slot) else { continue }
      return UInt8(violation.code)
    }
    return nil
  }
}
