import Netif
import XenInterface

/// What one queue has of its vif, of its own: nothing here is looked at by another queue's worker,
/// but for the counters.
final class QueueContext {
  /// What all queues of the vif are told.
  let board: VifBoard
  let counters = QueueCounters()
  /// How pages are copied. A queue that another worker serves uses that one's.
  var grants: any GrantDevice
  let sink: any FrameSink
  /// See `VifContext`.
  var wake: (@Sendable () -> Void)?
  private let settings: VifSettingsCopy
  #if RINGSIDE_NO_TAP
    var tap: (any NetbackTap)? { nil }
  #else
    private(set) var tap: (any NetbackTap)?
  #endif

  init(board: VifBoard, grants: any GrantDevice, sink: any FrameSink) {
    self.board = board
    self.grants = grants
    self.sink = sink
    settings = VifSettingsCopy(of: board)
  }

  /// Lets `tap` watch from now on; `nil` for nobody.
  func watch(with tap: (any NetbackTap)?) {
    #if !RINGSIDE_NO_TAP
      self.tap = tap
    #endif
  }

  /// Takes what was told since the last time: at the beginning of each poll, and for a frame.
  @inline(__always)
  func refresh() { settings.refresh() }

  var configuration: VifConfiguration { settings.configuration }

  /// See `VifSettingsCopy`.
  func admit(_ octets: RawSpan, _ offload: FrameOffload) -> FrameOffload? {
    settings.refresh()
    return settings.admit(octets, offload)
  }

  /// Whether the guest was cut off.
  var isDisabled: Bool { board.isDisabled }
  /// Whether frames for the guest are taken: none of the vif's queues is stalled.
  var hasCarrier: Bool { board.stalledQueues == 0 }

  /// Cuts the guest off, for good (Linux: `xenvif_fatal_tx_err`). The first reason counts. Out of
  /// line: it would weigh on stages that never need it.
  @inline(never)
  func disable(_ violation: TxViolation, queue: UInt16) {
    if board.disable(violation) { tap?.disabled(queue: queue, violation) }
  }
}
