import Replayer
import XenInterface

/// A clock that goes on only when somebody waits, or says so.
final class ScriptedClock: PaceClock {
  /// The start of its time: some moment that is not 0.
  static let start: UInt64 = 5_000

  private(set) var now = MonotonicInstant(nanoseconds: start)
  /// What was waited for, since the start.
  private(set) var deadlines: [UInt64] = []
  /// Nanoseconds that each wait takes too long.
  var oversleep: UInt64 = 0
  /// Waits before somebody wants the replay to end.
  var patience = Int.max

  /// Nanoseconds since the start.
  var elapsed: UInt64 { now.nanoseconds - Self.start }

  /// Lets time go by.
  func pass(_ nanoseconds: UInt64) { now = now.advanced(by: nanoseconds) }

  func wait(until deadline: MonotonicInstant) -> Bool {
    deadlines.append(deadline.nanoseconds - Self.start)
    guard deadlines.count <= patience else { return false }
    now = deadline.advanced(by: oversleep)
    return true
  }
}

extension Pacer {
  /// Waits for an event at a time of the trace.
  func wait(_ nanoseconds: UInt64) -> Bool { wait(for: MonotonicInstant(nanoseconds: nanoseconds)) }
}
