public import Netif
public import XenInterface
public import XenRing

/// A TX answer as it goes into the ring: one status, then a NULL for each extra info.
public struct TxAnswer: Hashable, Sendable, BitwiseCopyable {
  /// Index of the request slot that is answered.
  public var request: RingIndex
  /// The request's id.
  public var id: UInt16
  /// Extra infos that followed the request.
  public var extras: UInt16
  /// What became of it.
  public var status: NetifStatus

  /// Describes an answer.
  public init(request: RingIndex, id: UInt16, extras: UInt16, status: NetifStatus) {
    self.request = request
    self.id = id
    self.extras = extras
    self.status = status
  }
}

/// What publishing answers came to.
public struct RingPush: Hashable, Sendable, BitwiseCopyable {
  /// Index of the first answer.
  public var first: RingIndex
  /// Index behind the last one (`rsp_prod`).
  public var end: RingIndex
  /// The index that the frontend asked to be told of (`rsp_event`).
  public var event: RingIndex
  /// Whether it is to be told.
  public var notification: PeerNotification
}

/// A witness of what a vif does: handed the same spans that the pipeline's stages work on, once per
/// stage. The recorder is one.
public protocol NetbackTap: AnyObject {
  /// A poll of the TX ring begins; the frontend has published up to `claimed`.
  func txPollBegan(queue: UInt16, claimed: RingIndex, budget: Int, now: MonotonicInstant)
  /// Slots were copied out of the TX ring, the first of them at index `first`.
  func txFetched(queue: UInt16, first: RingIndex, slots: Span<SlotWords>)
  /// Grant copies of a TX poll were done; `buffer` holds what they brought. `frames` says which
  /// part of it each accepted packet has, in the order of the copies.
  func txCopied(
    queue: UInt16, _ operations: Span<GrantCopy>, frames: Span<TxFrame>, buffer: RawSpan)
  /// The pages of one packet were mapped, or could not all be. `fragments` names those that are
  /// mapped now: all or none; `position` is that of the first one in the frame.
  func txMapped(
    queue: UInt16, _ maps: Span<GrantMap>, firstHandle: UInt32, fragments: Span<FrameFragment>,
    position: UInt32)
  /// The pages of a released frame are about to be unmapped.
  func txUnmapped(queue: UInt16, _ mapping: TxMapping)
  /// Frames are about to leave towards the network.
  func txDelivered(queue: UInt16, _ frames: FrameBatch)
  /// A poll's answers are decided and not yet written; held slots may still be put between them
  /// (`TxQueue.release(slot:before:)`).
  func txSettled(queue: UInt16, _ answers: Span<TxAnswer>)
  /// The data of these slots was released by whoever held it.
  func txReleased(queue: UInt16, _ slots: Span<TxAnswer>, now: MonotonicInstant)
  /// Answers were written and published.
  func txAnswered(queue: UInt16, _ answers: Span<TxAnswer>, push: RingPush)
  /// The backend asked to be told of the request before `index`.
  func txArmed(queue: UInt16, at index: RingIndex)
  /// A poll of the TX ring ended.
  func txPollEnded(queue: UInt16, consumer: RingIndex, producer: RingIndex, packets: Int)
  /// A frame from the network was queued for the guest, or refused; `now` is when it came, which for
  /// one that waited before somebody watched lies behind.
  func rxQueued(
    queue: UInt16, offload: FrameOffload, octets: RawSpan, accepted: Bool, now: MonotonicInstant)
  /// RX requests were copied out of the ring, the first of them at index `first`.
  func rxFetched(
    queue: UInt16, first: RingIndex, slots: Span<SlotWords>, claimed: RingIndex,
    now: MonotonicInstant)
  /// Grant copies towards the guest were done.
  func rxCopied(queue: UInt16, _ operations: Span<GrantCopy>, buffer: RawSpan)
  /// RX answers were written and published.
  func rxAnswered(queue: UInt16, _ words: Span<SlotWords>, push: RingPush)
  /// Frames that had waited too long for the guest were dropped, after all else that the poll did;
  /// what the frontend has published, up to `claimed`, does not suffice for the first of them.
  func rxExpired(
    queue: UInt16, claimed: RingIndex, consumer: RingIndex, producer: RingIndex,
    now: MonotonicInstant)
  /// A poll of the control ring begins, which takes `messages` of those published up to `claimed`; 0
  /// when the frontend is to be cut off. Without a message there is no poll.
  func controlPollBegan(claimed: RingIndex, messages: UInt32, now: MonotonicInstant)
  /// A message was copied out of the control ring, and is about to be done.
  func controlTaken(_ request: ControlRequest, at index: RingIndex)
  /// A grant copy of the message under way was done; `buffer` holds what it brought.
  func controlCopied(_ operation: GrantCopy, buffer: RawSpan)
  /// A grant copy of the message under way into the guest's page was done.
  func controlWritten(_ operation: GrantCopy)
  /// The answer to the message under way was written and published.
  func controlAnswered(_ response: ControlResponse, push: RingPush)
  /// A poll of the control ring ended; the backend asked to be told of the message before `armed`.
  func controlPollEnded(consumer: RingIndex, producer: RingIndex, messages: Int, armed: RingIndex?)
  /// The frontend was cut off.
  func disabled(queue: UInt16, _ violation: TxViolation)
  /// The frontend's rings were connected: `vif` has its queues.
  func connected(_ vif: Vif)
  /// The frontend's rings were let go of.
  func disconnected()
  /// One end's xenbus state changed.
  func stateChanged(_ state: XenbusState, isBackend: Bool)
  /// A store key of one end was read or written.
  func keySeen(_ name: String, _ value: String, isBackend: Bool)
}
