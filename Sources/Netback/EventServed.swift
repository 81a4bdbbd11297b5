import XenInterface

/// What a worker polls when an event has come: a vif, or one of its queues.
protocol EventServed {
  /// Polls once.
  ///
  /// - Returns: when it wants to be called again; `nil` when only an event can bring work.
  func poll(now: MonotonicInstant) -> MonotonicInstant?
  /// How far the backend has come with the rings that `port` tells of; `nil` when it is none of
  /// theirs.
  func progress(through port: EventChannelPort) -> EventThrottle.Progress?
}

extension VifDevice: EventServed {}
extension RunningQueue: EventServed {}

extension Array where Element: EventServed {
  /// Polls each once.
  ///
  /// - Returns: when the first of them wants to be called again.
  func poll(now: MonotonicInstant) -> MonotonicInstant? {
    reduce(nil) { .earlier($0, $1.poll(now: now)) }
  }
}

extension MonotonicInstant? {
  /// The earlier of two instants, either of which may be none.
  static func earlier(_ first: Self, _ second: Self) -> Self {
    guard let first, let second else { return first ?? second }
    return min(first, second)
  }
}
