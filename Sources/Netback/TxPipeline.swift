import Netif
import XenInterface
import XenRing

/// The stages of a TX queue between fetch and answer: they work on copied words and on values, and
/// never see ring memory.
///
/// Its three parts are values that call nobody. What calls others stands here, and has none of them in
/// use meanwhile, but for reading what is delivered: a sink and a tap may come back.
final class TxPipeline {
  let context: QueueContext
  let queue: UInt16
  /// Whose pages packets bring; fixed, as their order is, when the vif is made.
  let domain: DomainID
  /// In which order slots are answered.
  let order: AnswerOrder
  let staging: StagingTable?
  /// What copies: Xen, or the staging table in front of it.
  var copier: any GrantDevice { staging ?? context.grants }
  var intake: TxIntake
  var batch = TxBatch()
  var delivery = TxDelivery()
  var told = TxTold()
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
    (domain, order) = (configuration.domain, configuration.order)
    intake = TxIntake(configuration: configuration, headers: headers, start: start)
    batch.checksGrants = configuration.rules.checksGrants
    batch.endsFrames = order == .ring
    pollStart = start
    keeper =
      configuration.order == .ring
      ? nil : FrameKeeper(limit: configuration.heldFrames, wake: context.wake)
  }

  /// Begins anew on a ring that starts there. What was held is forgotten.
  func restart(at start: RingIndex, _ credit: CreditScheduler) {
    intake.restart(at: start, credit)
    batch.restart()
    delivery.end()
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

  /// Does what the intake has left to its caller.
  ///
  /// - Returns: whether the poll takes further slots.
  func goesOn(after pause: TxIntake.Pause) -> Bool {
    switch pause {
    case .stopped: return false
    case .wantsSlots: break
    case .fetched: tellFetched()
    case .drained:
      endOfPublishedSlots()
      return false
    case .multicast: answerMulticast()
    case .rejected:
      refuse()
      return false  // Linux ends the batch after a refused packet
    case .violation(let violation):
      context.disable(violation, queue: queue)
      return !intake.assembler.rules.stopsAtViolation
    }
    return true
  }

  /// No further slot is published: a packet that goes on then cuts the guest off.
  private func endOfPublishedSlots() {
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
