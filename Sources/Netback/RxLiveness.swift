import XenInterface

/// Whether a guest still offers pages for its frames (Linux: `xenvif_rx_queue_stalled`,
/// `xenvif_rx_queue_ready`).
///
/// Judged only where the guest tells of new requests (`feature-rx-notify`); elsewhere frames expire
/// sooner instead.
package struct RxLiveness: Sendable {
  /// Nanoseconds without a delivery after which a queue that lacks requests is stalled (Linux:
  /// `rx_stall_timeout_msecs`).
  package static let stallTimeout: UInt64 = 60_000_000_000
  /// Nanoseconds that a frame waits at most (Linux: `rx_drain_timeout_msecs`).
  package static let drainTimeout: UInt64 = 10_000_000_000
  /// The same for a guest that does not tell of new requests.
  package static let quickDrainTimeout: UInt64 = 30_000_000

  /// Whether the guest offers too little, for too long.
  private(set) var isStalled = false
  private var lastDelivery: MonotonicInstant?

  /// When a frame that comes now expires.
  static func expiry(from now: MonotonicInstant, notifies: Bool) -> MonotonicInstant {
    now.advanced(by: longestWait(notifies: notifies))
  }

  /// When a frame came that expires then.
  static func arrival(expiring end: MonotonicInstant, notifies: Bool) -> MonotonicInstant {
    MonotonicInstant(
      nanoseconds: end.nanoseconds - min(end.nanoseconds, longestWait(notifies: notifies)))
  }

  /// Nanoseconds that a frame waits at most.
  package static func longestWait(notifies: Bool) -> UInt64 {
    notifies ? drainTimeout : quickDrainTimeout
  }

  /// A frame was handed over.
  mutating func delivered(now: MonotonicInstant) { lastDelivery = now }

  /// When the queue is stalled if nothing happens until then; nil when it cannot be.
  var deadline: MonotonicInstant? {
    isStalled ? nil : lastDelivery?.advanced(by: Self.stallTimeout)
  }

  /// Looks at the queue. The clock starts at the first look.
  ///
  /// - Parameter hasSlots: whether the guest offers enough for the first frame, or none waits.
  /// - Returns: whether it changed between stalled and ready.
  mutating func update(hasSlots: Bool, notifies: Bool, now: MonotonicInstant) -> Bool {
    if lastDelivery == nil { lastDelivery = now }
    if isStalled {
      guard hasSlots || !notifies else { return false }
      lastDelivery = now
    } else {
      guard notifies, !hasSlots, let deadline, now >= deadline else { return false }
    }
    isStalled.toggle()
    return true
  }
}
