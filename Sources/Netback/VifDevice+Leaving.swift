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

  private var heldFrameCount: Int {
    running.reduce(0) { sum, running in
      var count = 0
      running.pause { count = running.queue.tx.heldFrameCount }
      return sum + count
    }
  }

  /// Whether the rings can be let go of: nobody holds a frame, or the time is over. Until then no
  /// request is taken, and `poll` answers what is released.
  func mayLeave(now: MonotonicInstant) -> Bool {
    guard heldFrameCount > 0 else { return true }
    let limit = departure ?? now.advanced(by: rules.closingLimit)
    departure = limit
    return now >= limit
  }

  /// Answers what holders have released, and follows the frontend once nothing is held.
  ///
  /// - Returns: when it wants to be called again, at the latest.
  func leave(by limit: MonotonicInstant, now: MonotonicInstant) -> MonotonicInstant? {
    for running in running {
      running.pause {
        if running.queue.tx.settleHeld(now: now) == .required { running.notifyTx() }
      }
    }
    guard heldFrameCount == 0 || now >= limit else { return limit }
    follow(path + "/state", now: now)
    return nil
  }
}
