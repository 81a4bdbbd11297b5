public import XenInterface

/// One thing that the kernel's netback did, as the tap saw it.
///
/// Records come in the order of `sequence`, without holes: what is missing stands there as a gap.
public struct TapRecord: Sendable {
  /// Its number, counted from when the tap was attached.
  public var sequence: UInt64
  /// When, on the clock `CLOCK_MONOTONIC`.
  public var time: MonotonicInstant
  /// Which queue; `nil` for what concerns the whole vif.
  public var queue: UInt16?
  /// The processor it ran on.
  public var processor: UInt16
  /// What happened.
  public var body: Body
  /// The octets that ranges in `body` point into: contents of pages and frames.
  public var octets: [UInt8]

  /// What the tap can see. The kernel's functions and fields stand beside.
  public enum Body: Sendable {
    /// The vif as a whole, when the tap looked at it.
    case vif(TapVif)
    /// The TX half of a queue; all TX records of the queue after this one build on it.
    case txSnapshot(TapTxSnapshot)
    /// The RX half of a queue; all RX records of the queue after this one build on it.
    case rxSnapshot(TapRxSnapshot)
    /// A snapshot that did not hold: only its number is left.
    case nothing
    /// Entry of `xenvif_tx_action`.
    case pollBegin(TapPoll)
    /// Return of `xenvif_tx_action`.
    case pollEnd(TapPoll)
    /// TX slots that were published during a poll.
    case txSlots(TapSlots)
    /// Return of `gnttab_batch_copy` in a poll. Their contents follow in `octets`.
    case copies([TapCopy])
    /// Return of `gnttab_map_refs` in a poll.
    case maps([TapMap])
    /// Return of `gnttab_unmap_refs`.
    case unmaps([TapUnmap])
    /// Entry of `xenvif_idx_release` or `make_tx_response`.
    case response(TapResponse)
    /// Response slots as they stood in the ring after two processors had answered at once: they
    /// tell in which order.
    case responseSlots(TapSlots)
    /// `xenvif_zerocopy_callback`: the frame that these pending requests belong to is done with.
    case releases(TapReleases)
    /// `netif_receive_skb` in a poll: a frame went to the network.
    case delivered(TapFrame)
    /// RX requests, before responses overwrite them.
    case rxRequests(TapSlots)
    /// Entry of `xenvif_rx_skb`: a frame was taken for the guest.
    case taken(TapFrame)
    /// `xenvif_rx_copy_flush`: a batch of copies to the guest, and the responses it pushed.
    case rxFlush(TapRxFlush)
    /// The control ring and what it has set; all its records after this one build on it.
    case controlSnapshot(TapControlSnapshot)
    /// Messages on the control ring, before answers overwrite them.
    case controlRequests(TapControlSlots)
    /// What a message has copied out of a page of the guest's.
    case controlCopies(TapControlCopies)
    /// Return of `xenvif_ctrl_irq_fn`: the slots that it has answered, as they stand then.
    case controlAnswers(TapControlSlots)
    /// Return of `xenvif_connect_data`; 0 when it worked.
    case connected(result: Int32)
    /// Return of `xenvif_disconnect_data`, with the number of queues.
    case disconnected(queues: Int)
    /// `xenvif_fatal_tx_err`: the backend cuts the frontend off.
    case disabled
    /// `xenvif_carrier_off`.
    case carrierOff
    /// This many records are missing here.
    case gap(lost: UInt64)
  }

  /// The octets of a range.
  public func contents(_ range: Range<Int>) -> ArraySlice<UInt8> { octets[range] }
}
