public import XenRing

/// The slots that a poll has before it, from the first one of a packet on.
///
/// Who only sees that a guest was cut off, as the kernel's recorder does, learns from them why.
public struct UntakenSlots: Sendable {
  /// Them, in ring order.
  public private(set) var slots: [SlotWords] = []

  /// None yet.
  public init() {}

  /// Takes the next slot of the ring.
  public mutating func append(_ slot: SlotWords) { slots.append(slot) }

  /// Forgets what was taken: all but the last `count`.
  public mutating func keepLast(_ count: Int) { slots.removeFirst(max(0, slots.count - count)) }

  /// The first violation, and the place of the slot that has it; `nil` when there is none, or one that what
  /// is published later may still mend.
  public func violation(by rules: TxRules) -> (place: Int, violation: TxViolation)? {
    var assembler = TxAssembler(rules: rules)
    for (place, slot) in slots.enumerated() {
      guard case .violation(let violation) = assembler.take(slot) else { continue }
      return (place, violation)
    }
    return nil
  }

  /// The number of the first of Linux's rules that they break.
  public var brokenRule: UInt8? {
    violation(by: TxRules(.linux)).map { UInt8($0.violation.code) }
  }
}
