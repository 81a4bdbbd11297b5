internal import Replayer
internal import XenInterface

/// This machine's time, since the clock was made. A wait ends early on Ctrl-C.
final class SteadyClock: PaceClock {
  /// Nanoseconds before a deadline from which on the clock is looked at without a pause: so long may
  /// the system oversleep.
  private static let watched: UInt64 = 60_000
  /// Nanoseconds of a pause at most, so that no signal is missed for long.
  private static let longestPause: UInt64 = 100_000_000

  private let start = ContinuousClock.now

  var now: MonotonicInstant {
    let (seconds, attoseconds) = (ContinuousClock.now - start).components
    let nanoseconds = seconds * 1_000_000_000 + attoseconds / 1_000_000_000
    return MonotonicInstant(nanoseconds: UInt64(clamping: nanoseconds))
  }

  func wait(until deadline: MonotonicInstant) -> Bool {
    while !Interruption.isRequested {
      let now = now
      guard now < deadline else { return true }
      let left = deadline.nanoseconds - now.nanoseconds
      guard left > Self.watched else { continue }
      Pause.nanoseconds(Int(min(left - Self.watched, Self.longestPause)))
    }
    return false
  }
}
