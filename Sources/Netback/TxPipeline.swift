import Netif
import XenInterface
import XenRing

/// The stages of a TX queue between fetch and answer: they work on copied words and on values, and
/// never see ring memory.
final class TxPipeline {
  /// Why a poll took no further packet.
  enum Pause {
    /// The window is used up: fetch more, or say that there is no more.
    case wantsSlots
    /// Budget, credit, a refused packet or a violation.
    case stopped
  }

  /// Slots that are copied out of the ring at a time.
  static let windowSize = 64

  let context: VifContext
  let queue: UInt16
  private var window = InlineArray<64, SlotWords>(repeating: SlotWords(repeating: 0))
  private var windowCount = 0
  private var windowNext = 0
  private var assembler: TxAssembler
  private var head = RingIndex(rawValue: 0)
  var plan = TxPlan()
  var buffer = FrameBuffer()
  var frames: [TxFrame] = []
  /// Heads of the poll's frames that are dropped for their headers, each with its place among
  /// `frames`.
  var dropped: [(head: RingIndex, place: Int)] = []
  var held: [HeldSlot] = []
  /// Index of the first slot that the current poll judges.
  var pollStart: RingIndex
  /// Index of the next slot to judge (`req_cons`); slots behind it in the window count as untaken.
  private(set) var consumed: RingIndex
  /// Octets that may still be sent.
  var credit = CreditScheduler.unlimited
  /// Answers that wait to be written.
  var answers: [TxAnswer] = []
  /// Packets accepted in the current poll.
  var packetCount: Int { plan.packets.count }

  /// A slot whose answer waits for the release of its frame.
  struct HeldSlot {
    var head: RingIndex
    var answer: TxAnswer
  }

  init(context: VifContext, queue: UInt16, start: RingIndex) {
    self.context = context
    self.queue = queue
    assembler = TxAssembler(profile: context.configuration.profile)
    consumed = start
    pollStart = start
    frames.reserveCapacity(Int(NetifLimits.ringSize))
    dropped.reserveCapacity(Int(NetifLimits.ringSize))
    held.reserveCapacity(Int(NetifLimits.ringSize))
    answers.reserveCapacity(Int(NetifLimits.ringSize))
  }

  /// Whether every fetched slot has been judged.
  var isWindowEmpty: Bool { windowNext == windowCount }

  /// Starts a poll.
  func begin() { pollStart = consumed }

  /// Leaves out slots that are answered already.
  ///
  /// - Precondition: the window is empty.
  func pass(slots: Int) { consumed = consumed.advanced(by: UInt32(slots)) }

  /// Refills the window through `fetch`, which returns how many slots it stored.
  ///
  /// - Precondition: the window is empty.
  func refill(_ fetch: (inout MutableSpan<SlotWords>) -> Int) -> Bool {
    var slots = window.mutableSpan
    windowCount = fetch(&slots)
    windowNext = 0
    guard windowCount > 0 else { return false }
    context.tap?.txFetched(
      queue: queue, first: consumed, slots: window.span.extracting(first: windowCount))
    return true
  }

  /// Judges slots of the window until it is empty or the poll must stop.
  func assemble(budget: Int, now: MonotonicInstant) -> Pause {
    while packetCount < budget {
      guard !isWindowEmpty else { return .wantsSlots }
      let words = window[windowNext]
      if assembler.isAtPacketStart {
        guard credit.charge(TxRequest(words: words).size, now: now) else { return .stopped }
        head = consumed
      }
      windowNext += 1
      consumed.advance()
      guard goesOn(after: assembler.take(words)) else { return .stopped }
    }
    return .stopped
  }

  /// Says that no further slot is published: a packet that goes on then cuts the guest off.
  func endOfPublishedSlots() {
    if !assembler.isAtPacketStart {
      context.disable(assembler.endOfPublishedSlots(), queue: queue)
    }
  }

  private func goesOn(after step: TxAssembler.Step) -> Bool {
    switch step {
    case .incomplete: break
    case .packet: plan.add(assembler, head: head, answers: &answers)
    case .multicast: answerMulticast()
    case .rejected(let rejection):
      refuse(rejection)
      return false  // Linux ends the batch after a refused packet
    case .violation(let violation):
      context.disable(violation, queue: queue)
      return false
    }
    return true
  }

  private func refuse(_ rejection: TxRejection) {
    context.statistics.txRejected += 1
    for ordinal in 0..<assembler.dataSlots {
      answers.append(assembler.answer(ordinal, head: head, status: .error))
    }
  }

  private func answerMulticast() {
    var status = NetifStatus.okay
    if let address = assembler.extras.multicastAdd {
      do throws(TxRejection) { try context.multicast.add(address) } catch { status = .error }
    } else if let address = assembler.extras.multicastDelete {
      context.multicast.remove(address)
    }
    answers.append(assembler.answer(0, head: head, status: status))
  }
}
