import Netif
import XenInterface
import XenRing

extension VifDevice {
  /// Nanoseconds that holders of a guest's frames have to end when its rings are to be let go of.
  public static let closingLimit: UInt64 = 10_000_000_000

  /// Whether a frontend in this state has no rings, or will have none.
  static func letsGo(_ state: UInt32) -> Bool {
    switch XenbusState(exactly: state) {
    case .unknown, .initialising, .closing, .closed: true
    default: false
    }
  }

  /// Whether the rings can be let go of: nobody holds a frame, or the time is over. Until then no
  /// request is taken, and `poll` answers what is released.
  func mayLeave(now: MonotonicInstant) -> Bool {
    guard vif.heldFrameCount > 0 else { return true }
    let limit = departure ?? now.advanced(by: Self.closingLimit)
    departure = limit
    return now >= limit
  }

  /// Answers what holders have released, and follows the frontend once nothing is held.
  ///
  /// - Returns: when it wants to be called again, at the latest.
  func leave(by limit: MonotonicInstant, now: MonotonicInstant) -> MonotonicInstant? {
    for (queue, port) in zip(vif.queues, ports)
    where queue.tx.settleHeld(now: now) == .required { xen.events.notify(port.tx) }
    guard vif.heldFrameCount == 0 || now >= limit else { return limit }
    follow(path + "/state", now: now)
    return nil
  }
}
