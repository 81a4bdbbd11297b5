public import Netif
public import XenInterface

/// What the queues of one vif share.
public final class VifContext {
  /// What was chosen, and what the guest negotiated.
  public private(set) var configuration: VifConfiguration
  /// How pages are copied.
  public let grants: any GrantDevice
  /// Where the guest's frames go.
  public let sink: any FrameSink
  #if RINGSIDE_NO_TAP
    /// A build without the tap, which `make bench` compares with.
    var tap: (any NetbackTap)? { nil }
  #else
    /// Who watches; usually nobody.
    private(set) var tap: (any NetbackTap)?
  #endif
  /// Why the guest was cut off; `nil` while it was not.
  public private(set) var violation: TxViolation?
  /// Whether the guest was cut off.
  public private(set) var isDisabled = false
  /// Has the worker poll soon; called by whoever ends a held frame, on their thread. Queues take it
  /// over when they are connected.
  public var wake: (@Sendable () -> Void)?
  /// Multicast addresses asked for.
  public var multicast = MulticastFilter()
  /// How frames are spread over the guest's queues.
  public internal(set) var hash = HashState()
  /// What the guest has staged of each queue; empty where data comes another way.
  var staging: [StagingTable] = []
  /// Queues that are connected.
  var queueCount = 0 {
    didSet { if queueCount == 0 { stalledQueues = 0 } }
  }
  /// Queues whose guest offers no pages.
  var stalledQueues = 0
  /// Whether frames for the guest are taken: none of its queues is stalled.
  public var hasCarrier: Bool { stalledQueues == 0 }
  /// Counters.
  public var statistics = VifStatistics()

  /// Gathers what the queues share.
  public init(
    configuration: VifConfiguration, grants: any GrantDevice, sink: any FrameSink,
    tap: (any NetbackTap)? = nil
  ) {
    self.configuration = configuration
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
  }

  /// Makes the vif one that was cut off before, for a reason that is not known any more.
  public func resumeDisabled() { isDisabled = true }

  /// Spreads frames from now on as they were spread before.
  public func resume(hash: HashState) { self.hash = hash }

  /// Takes over what a frontend says that it can receive.
  public func negotiate(_ features: NetifFeatures) { configuration.features = features }

  /// Takes over how much of each page for the guest stays free before the data.
  func leave(headroom: UInt16) { configuration.receiveHeadroom = headroom }

  /// Cuts the guest off, for good (Linux: `xenvif_fatal_tx_err`). The first reason counts.
  func disable(_ violation: TxViolation, queue: UInt16) {
    guard !isDisabled else { return }
    self.violation = violation
    isDisabled = true
    tap?.disabled(queue: queue, violation)
  }
}
