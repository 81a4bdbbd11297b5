import Netif
import XenInterface
import XenRing

/// The stages of a TX queue between fetch and answer: they work on copied words and on values, and
/// never see ring memory.
///
/// Its two parts are values that call nobody. What calls others stands here, and has neither part in
/// use meanwhile: a sink and a tap may come back.
final class TxPipeline {
  /// Why a poll took no further packet.
  enum Pause {
    /// The window is used up: fetch more, or say that there is no more.
    case wantsSlots
    /// Budget, credit, a refused packet or a violation.
    case stopped
  }

  let context: QueueContext
  let queue: UInt16
  let staging: StagingTable?
  /// What copies: Xen, or the staging table in front of it.
  var copier: any GrantDevice { staging ?? context.grants }
  var intake: TxIntake
  var batch = TxBatch()
  /// What is held of the queue's frames; `nil` where they end with their poll.
  let keeper: FrameKeeper?
  /// Whether frames are with the sink. What it releases meanwhile is answered with the poll.
  var isDelivering = false
  /// Index of the first slot that the current poll judges.
  private(set) var pollStart: RingIndex
  /// Index of the next slot to judge (`req_cons`).
  var consumed: RingIndex { intake.consumed }

  init(
    context: QueueContext, queue: UInt16, start: RingIndex, staging: StagingTable?,
    headers: HeaderArea?
  ) {
    self.context = context
    self.queue = queue
    self.staging = staging
    let configuration = context.configuration
    intake = TxIntake(
      rules: configuration.rules, path: configuration.path, headers: headers, start: start)
    batch.checksGrants = configuration.rules.checksGrants
    pollStart = start
    keeper =
      configuration.order == .ring
      ? nil : FrameKeeper(limit: configuration.heldFrames, wake: context.wake)
  }

  /// Begins anew on a ring that starts there. What was held is forgotten.
  func restart(at start: RingIndex, _ credit: CreditScheduler) {
    intake.restart(at: start, credit)
    batch.restart()
    pollStart = start
  }

  /// Starts a poll.
  ///
  /// - Returns: index of the first slot that it judges.
  func begin() -> RingIndex {
    let start = intake.consumed
    pollStart = start
    return start
  }

  /// Refills the window through `fetch`, which returns how many slots it stored.
  ///
  /// - Precondition: the window is empty.
  @inline(__always)
  func refill(_ fetch: (inout MutableSpan<SlotWords>) -> Int) -> Bool {
    guard let first = intake.refill(fetch) else { return false }
    if context.tap != nil { tellFetched(first) }
    return true
  }

  /// Judges slots of the window until it is empty or the poll must stop.
  func assemble(budget: Int, now: MonotonicInstant) -> Pause {
    while true {
      switch intake.assemble(into: &batch, budget: budget, now: now) {
      case .wantsSlots: return .wantsSlots
      case .stopped: return .stopped
      case .multicast: answerMulticast()
      case .rejected:
        refuse()
        return .stopped  // Linux ends the batch after a refused packet
      case .violation(let violation):
        context.disable(violation, queue: queue)
        if intake.assembler.rules.stopsAtViolation { return .stopped }
      }
    }
  }

  /// Says that no further slot is published: a packet that goes on then cuts the guest off.
  func endOfPublishedSlots() {
    if let violation = intake.endOfPublishedSlots() { context.disable(violation, queue: queue) }
  }

  private func refuse() {
    context.counters.txRejected.grow()
    for ordinal in 0..<intake.assembler.dataSlots {
      let answer = intake.answer(ordinal, status: .error)
      let hasNotWrapped = answer.request.rawValue >= intake.head.rawValue
      guard hasNotWrapped || intake.assembler.rules.walksPastWrap else { break }
      batch.answers.append(answer)
    }
  }

  private func answerMulticast() {
    var status = NetifStatus.okay
    let extras = intake.assembler.extras
    if let address = extras.multicastAdd {
      status = context.board.change { settings in
        let limit = settings.configuration.rules.multicastAddresses
        do throws(TxRejection) { try settings.multicast.add(address, limit: limit) } catch {
          return .error
        }
        return .okay
      }
    } else if let address = extras.multicastDelete {
      context.board.change { $0.multicast.remove(address) }
    }
    batch.answers.append(intake.answer(0, status: status))
  }
}
