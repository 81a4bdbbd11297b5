public import Netif
public import XenInterface

/// What the queues of one vif share, as the one who connects them sees it. Each queue has its own
/// part, `QueueContext`, and hears through a `VifBoard` what changes.
public final class VifContext {
  /// How pages are copied.
  public let grants: any GrantDevice
  /// Where the guest's frames go. Each queue's worker hands it that queue's frames.
  public let sink: any FrameSink
  #if RINGSIDE_NO_TAP
    /// A build without the tap, which `make bench` compares with.
    var tap: (any NetbackTap)? { nil }
  #else
    /// Who watches; usually nobody.
    private(set) var tap: (any NetbackTap)?
  #endif
  /// What the queues are told.
  let board: VifBoard
  private let settings: VifSettingsCopy
  /// By number. They stay when their queues are let go of: their counters go on with the next ones.
  private var queues: [QueueContext] = []
  /// Has the worker poll soon; called by whoever ends a held frame, on their thread. Queues take it
  /// over when they are connected.
  public var wake: (@Sendable () -> Void)?
  /// What the guest has staged of each queue; empty where data comes another way.
  var staging: [StagingTable] = []
  /// Queues that are connected.
  package var queueCount = 0 {
    didSet { if queueCount == 0 { board.forgetStalled() } }
  }

  /// Gathers what the queues share.
  public init(
    configuration: VifConfiguration, grants: any GrantDevice, sink: any FrameSink,
    tap: (any NetbackTap)? = nil
  ) {
    board = VifBoard(VifSettings(configuration: configuration))
    settings = VifSettingsCopy(of: board)
    self.grants = grants
    self.sink = sink
    #if !RINGSIDE_NO_TAP
      self.tap = tap
    #endif
  }

  /// Lets `tap` watch from now on, in place of whoever did; `nil` for nobody.
  public func watch(with tap: (any NetbackTap)?) {
    #if !RINGSIDE_NO_TAP
      self.tap = tap
    #endif
    for queue in queues { queue.watch(with: tap) }
  }

  /// Nobody watches any more, if it was `tap` who did.
  public func forget(_ tap: any NetbackTap) {
    #if !RINGSIDE_NO_TAP
      if self.tap === tap { watch(with: nil) }
    #endif
  }

  /// The part of queue `number`.
  func queue(_ number: UInt16) -> QueueContext {
    while queues.count <= Int(number) {
      let queue = QueueContext(board: board, grants: grants, sink: sink)
      queue.watch(with: tap)
      queues.append(queue)
    }
    queues[Int(number)].wake = wake
    return queues[Int(number)]
  }

  /// What all queues have counted.
  public var statistics: VifStatistics {
    var sum = VifStatistics()
    for queue in queues { sum.add(queue.counters) }
    return sum
  }

  /// How often a lock was taken that workers of different queues share. Packets take none; a change of
  /// what stands on the board does, and the first look at it.
  public var sharedLocks: UInt64 { board.lockCount }
}

// MARK: - What is told to all

extension VifContext {
  /// What was chosen, and what the guest negotiated.
  public private(set) var configuration: VifConfiguration {
    get { current.configuration }
    set { board.change { $0.configuration = newValue } }
  }

  /// Multicast addresses asked for.
  public var multicast: MulticastFilter {
    get { current.multicast }
    set { board.change { $0.multicast = newValue } }
  }

  /// Forgets the multicast addresses.
  package func forgetAddresses() { board.change { $0.multicast.removeAll() } }

  /// How frames are spread over the guest's queues.
  public internal(set) var hash: HashState {
    get { current.hash }
    set { board.change { $0.hash = newValue } }
  }

  /// See `VifSettingsCopy`.
  package func admit(_ octets: RawSpan, _ offload: FrameOffload) -> FrameOffload? {
    settings.refresh()
    return settings.admit(octets, offload)
  }

  private var current: VifSettingsCopy {
    settings.refresh()
    return settings
  }

  /// Spreads frames from now on as they were spread before.
  public func resume(hash: HashState) { self.hash = hash }

  /// Takes over what a frontend says that it can receive.
  public func negotiate(_ features: NetifFeatures) {
    if features != configuration.features { configuration.features = features }
  }

  /// Takes over how much of each page for the guest stays free before the data.
  package func leave(headroom: UInt16) {
    if headroom != configuration.receiveHeadroom { configuration.receiveHeadroom = headroom }
  }
}

// MARK: - Cut off and stalled

extension VifContext {
  /// Why the guest was cut off; `nil` while it was not.
  public var violation: TxViolation? { board.violation }
  /// Whether the guest was cut off.
  public var isDisabled: Bool { board.isDisabled }
  /// Whether frames for the guest are taken: none of its queues is stalled.
  public var hasCarrier: Bool { board.stalledQueues == 0 }

  /// Makes the vif one that was cut off before, for a reason that is not known any more.
  public func resumeDisabled() { _ = board.disable(nil) }

  /// Cuts the guest off, for good (Linux: `xenvif_fatal_tx_err`). The first reason counts.
  func disable(_ violation: TxViolation, queue: UInt16) {
    if board.disable(violation) { tap?.disabled(queue: queue, violation) }
  }
}
