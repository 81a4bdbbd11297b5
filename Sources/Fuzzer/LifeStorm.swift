import XenInterface

/// Sends events for nothing, all the time.
final class LifeStorm: Worker {
  /// Nanoseconds between two of them.
  static let interval: UInt64 = 500_000
  /// Steps of a backend that waits twice as long each time, with some to spare.
  static let steps = 64

  private let notify: () -> Void

  init(_ notify: @escaping () -> Void) { self.notify = notify }

  func step(now: MonotonicInstant) -> MonotonicInstant? {
    notify()
    return now.advanced(by: Self.interval)
  }
}
