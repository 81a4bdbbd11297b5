import XenInterface

/// The time by the clock of the events, also while none comes. The clock that a recording is driven by may be
/// another.
struct EventClock {
  private var last = MonotonicInstant(nanoseconds: 0)
  private var lastAt = MonotonicInstant(nanoseconds: 0)
  private var isNew = false
  private var now = MonotonicInstant(nanoseconds: 0)

  mutating func see(_ time: MonotonicInstant) {
    last = max(last, time)
    isNew = true
  }

  mutating func look(_ now: MonotonicInstant) {
    if isNew { lastAt = now }
    isNew = false
    self.now = now
  }

  /// The time when it was looked at last.
  var time: MonotonicInstant {
    last.advanced(by: now.nanoseconds - min(now.nanoseconds, lastAt.nanoseconds))
  }
}
