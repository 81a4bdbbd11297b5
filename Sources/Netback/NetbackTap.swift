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

/// A witness of what a vif does: handed the same spans that the pipeline's stages work on, once per
/// stage. The recorder is one.
public protocol NetbackTap: AnyObject {
  /// A poll of the TX ring begins; the frontend has published up to `claimed`.
  func txPollBegan(queue: UInt16, claimed: RingIndex, budget: Int, now: MonotonicInstant)
  /// Slots were copied out of the TX ring, the first of them at index `first`.
  func txFetched(queue: UInt16, first: RingIndex, slots: Span<SlotWords>)
  /// Grant copies of a TX poll were done; `buffer` holds what they brought.
  func txCopied(queue: UInt16, _ operations: Span<GrantCopy>, buffer: RawSpan)
  /// Frames are about to leave towards the network.
  func txDelivered(queue: UInt16, _ frames: Span<TxFrame>, octets: RawSpan)
  /// The frame whose first slot is `head` was released by whoever held it.
  func txReleased(queue: UInt16, head: RingIndex, now: MonotonicInstant)
  /// Answers were written, the first of them at response index `first`, and published.
  func txAnswered(
    queue: UInt16, first: RingIndex, _ answers: Span<TxAnswer>, notified: PeerNotification)
  /// A poll of the TX ring ended.
  func txPollEnded(queue: UInt16, consumer: RingIndex, producer: RingIndex, packets: Int)
  /// The backend asked to be told of the request before `index`.
  func txArmed(queue: UInt16, at index: RingIndex)
  /// A frame from the network was queued for the guest, or refused.
  func rxQueued(
    queue: UInt16, offload: FrameOffload, octets: RawSpan, accepted: Bool, now: MonotonicInstant)
  /// RX requests were copied out of the ring, the first of them at index `first`.
  func rxFetched(queue: UInt16, first: RingIndex, slots: Span<SlotWords>, claimed: RingIndex)
  /// Grant copies towards the guest were done.
  func rxCopied(queue: UInt16, _ operations: Span<GrantCopy>, buffer: RawSpan)
  /// RX answers were written, the first of them at index `first`, and published.
  func rxAnswered(
    queue: UInt16, first: RingIndex, _ words: Span<SlotWords>, notified: PeerNotification,
    now: MonotonicInstant)
  /// The frontend was cut off.
  func disabled(queue: UInt16, _ violation: TxViolation)
}
