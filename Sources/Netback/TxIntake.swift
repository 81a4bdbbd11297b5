import Netif
import XenInterface
import XenRing

/// Slots that were copied out of the ring, on their way into packets. It calls nobody: what is more
/// than a packet to plan goes back to the caller.
struct TxIntake: ~Copyable {
  /// Why no further slot was judged.
  enum Pause {
    /// The window is used up.
    case wantsSlots
    /// Slots were fetched, and somebody wants to know of them before they are judged.
    case fetched
    /// No further slot is published, and a packet goes on.
    case drained
    /// Budget, credit, or nothing left.
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
  /// Length up to which a packet of one slot is copied whole and answered with its poll. Where answers go
  /// by the ring, those whose release Linux waits for are no exception.
  private let copiedLength: UInt16

  init(configuration: VifConfiguration, headers: HeaderArea?, start: RingIndex) {
    let rules = configuration.rules
    path = configuration.path
    let isInOrder = configuration.order == .ring
    copiedLength = max(rules.linearLength, isInOrder ? path.copiedLength ?? 0 : 0)
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

  /// What a poll that is over waits for: credit, or a slot to be published; neither while fetched ones wait
  /// to be judged.
  var wait: (credit: MonotonicInstant?, slot: RingIndex?) {
    (credit.wakeUp, isEmpty ? consumed : nil)
  }

  /// Leaves out slots that are answered already.
  ///
  /// - Precondition: the window is empty.
  mutating func pass(slots: Int) { consumed = consumed.advanced(by: UInt32(slots)) }

  /// Fetches slots and judges them until `budget` packets are planned, or the caller has to do something.
  ///
  /// - Parameter isWatched: whether the caller has to be told of what is fetched.
  @inline(__always)
  mutating func take<Memory: RingMemory & ~Copyable>(
    from ring: inout BackRing<Memory, TxRequest, TxResponse>, upTo claimed: RingIndex,
    into batch: inout TxBatch, budget: Int, now: MonotonicInstant, isWatched: Bool
  ) -> Pause {
    while true {
      let pause = assemble(into: &batch, budget: budget, now: now)
      guard case .wantsSlots = pause else { return pause }
      guard refill(from: &ring, upTo: claimed) else {
        return assembler.isAtPacketStart ? .stopped : .drained
      }
      if isWatched { return .fetched }
    }
  }

  /// Fetches published slots into the window; whether there were any.
  @inline(__always)
  private mutating func refill<Memory: RingMemory & ~Copyable>(
    from ring: inout BackRing<Memory, TxRequest, TxResponse>, upTo claimed: RingIndex
  ) -> Bool {
    var slots = window.mutableSpan
    windowCount = ring.takeSlots(into: &slots, upTo: claimed)
    windowNext = 0
    return !isEmpty
  }

  /// Judges slots of the window until it is empty, `budget` packets are planned, or the caller has
  /// to do something.
  private mutating func assemble(
    into batch: inout TxBatch, budget: Int, now: MonotonicInstant
  ) -> Pause {
    while batch.plan.packets.count < budget {
      guard !isEmpty else { return .wantsSlots }
      let words = window[windowNext]
      let request = TxRequest(words: words)
      if assembler.isAtPacketStart {
        guard credit.charge(request.size, now: now) else { return .stopped }
        head = consumed
      }
      windowNext += 1
      consumed.advance()
      if request.size <= copiedLength, let fragment = assembler.whole(request) {
        batch.plan.add(fragment, of: request, head: head, path: path)
        continue
      }
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

  /// What it means that no further slot is published though a packet goes on.
  mutating func endOfPublishedSlots() -> TxViolation? { assembler.endOfPublishedSlots() }
}
