import Netif
import XenInterface
import XenRing

/// Slots that were copied out of the ring, on their way into packets. It calls nobody: what is more
/// than a packet to plan goes back to the caller.
struct TxIntake: ~Copyable {
  /// Why no further slot was judged.
  enum Pause {
    /// The window is used up: fetch more, or say that there is no more.
    case wantsSlots
    /// Budget or credit.
    case stopped
    /// A packet that only carries a multicast request.
    case multicast
    /// A packet is refused.
    case rejected
    /// The guest is to be cut off.
    case violation(TxViolation)
  }

  private(set) var window = Array(repeating: SlotWords(repeating: 0), count: 64)
  /// Slots in the window.
  private(set) var windowCount = 0
  private var windowNext = 0
  private(set) var assembler: TxAssembler
  /// Index of the first slot of the packet under way.
  private(set) var head = RingIndex(rawValue: 0)
  /// Index of the next slot to judge (`req_cons`); slots behind it in the window count as untaken.
  private(set) var consumed: RingIndex
  /// Octets that may still be sent.
  var credit = CreditScheduler.unlimited

  private let path: DataPath

  init(rules: TxRules, path: DataPath, headers: HeaderArea?, start: RingIndex) {
    self.path = path
    assembler = TxAssembler(rules: rules, headerArea: headers)
    consumed = start
  }

  /// Begins anew on a ring that starts there.
  mutating func restart(at start: RingIndex, _ credit: CreditScheduler) {
    (windowCount, windowNext, consumed) = (0, 0, start)
    self.credit = credit
    assembler.restart()
  }

  /// Whether every fetched slot has been judged.
  var isEmpty: Bool { windowNext == windowCount }

  /// Index of the next slot to fetch; `nil` while fetched ones wait to be judged.
  var nextToFetch: RingIndex? { isEmpty ? consumed : nil }

  /// Leaves out slots that are answered already.
  ///
  /// - Precondition: the window is empty.
  mutating func pass(slots: Int) { consumed = consumed.advanced(by: UInt32(slots)) }

  /// Refills the window through `fetch`, which returns how many slots it stored.
  ///
  /// - Precondition: the window is empty.
  /// - Returns: index of the first slot; `nil` when none is published.
  mutating func refill(_ fetch: (inout MutableSpan<SlotWords>) -> Int) -> RingIndex? {
    var slots = window.mutableSpan
    windowCount = fetch(&slots)
    windowNext = 0
    return isEmpty ? nil : consumed
  }

  /// Judges slots of the window until it is empty, `budget` packets are planned, or the caller has
  /// to do something.
  mutating func assemble(into batch: inout TxBatch, budget: Int, now: MonotonicInstant) -> Pause {
    while batch.plan.packets.count < budget {
      guard !isEmpty else { return .wantsSlots }
      let words = window[windowNext]
      if assembler.isAtPacketStart {
        guard credit.charge(TxRequest(words: words).size, now: now) else { return .stopped }
        head = consumed
      }
      windowNext += 1
      consumed.advance()
      switch assembler.take(words) {
      case .incomplete: break
      case .packet: batch.plan.add(&assembler, head: head, path: path, answers: &batch.answers)
      case .multicast: return .multicast
      case .rejected: return .rejected
      case .violation(let violation): return .violation(violation)
      }
    }
    return .stopped
  }

  /// The answer to data slot `ordinal` of the packet that was judged last.
  func answer(_ ordinal: Int, status: NetifStatus) -> TxAnswer {
    assembler.answer(ordinal, head: head, status: status)
  }

  /// What it means that no further slot is published; `nil` between two packets.
  mutating func endOfPublishedSlots() -> TxViolation? {
    assembler.isAtPacketStart ? nil : assembler.endOfPublishedSlots()
  }
}
