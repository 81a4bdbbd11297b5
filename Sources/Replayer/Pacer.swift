public import XenInterface

/// What a replay is paced by: the time that passes, or a test's.
public protocol PaceClock: AnyObject {
  /// Now, since some fixed start.
  var now: MonotonicInstant { get }

  /// Waits until `deadline`, or until somebody wants the replay to end.
  ///
  /// - Returns: whether to go on.
  func wait(until deadline: MonotonicInstant) -> Bool
}

/// How fast the time of a trace goes by.
public struct ReplaySpeed: Hashable, Sendable {
  /// As it was recorded.
  public static let recorded = ReplaySpeed(unchecked: 1)
  /// What a speed may be: what is slower or faster is a slip of the pen.
  public static let range = 0.000_001...1_000_000.0

  /// Seconds of the trace in a second.
  public let factor: Double

  /// Takes a speed of the range.
  public init?(_ factor: Double) {
    guard Self.range.contains(factor) else { return nil }
    self.factor = factor
  }

  private init(unchecked factor: Double) { self.factor = factor }
}

/// Has the events of a trace happen when they are due.
///
/// Each is due so long after the first one of its round as it was recorded, divided by the speed. That
/// is counted from one start, never from the event before: what one event is late, those behind it
/// are not.
public final class Pacer {
  private let speed: ReplaySpeed
  private let clock: any PaceClock
  /// When the first event of the round is due, and its time in the trace.
  private var origin: (due: MonotonicInstant, time: MonotonicInstant)?
  /// When the last event was due.
  private var due: MonotonicInstant?

  /// How late events were so far.
  public private(set) var lateness = Lateness()
  /// Whether there was time to wait before the last event.
  public private(set) var hasWaited = false

  /// Begins with the first event that is waited for.
  public init(_ speed: ReplaySpeed, by clock: any PaceClock) {
    self.speed = speed
    self.clock = clock
  }

  /// Has the next event be due at once, whatever its time: another round begins.
  public func beginRound() { origin = nil }

  /// Waits until an event with this time is due.
  ///
  /// - Returns: whether to go on.
  public func wait(for time: MonotonicInstant) -> Bool {
    var now = clock.now
    let deadline = deadline(of: time, now)
    hasWaited = now < deadline
    if hasWaited {
      guard clock.wait(until: deadline) else { return false }
      now = clock.now
    }
    lateness.note(max(now, deadline).nanoseconds - deadline.nanoseconds)
    return true
  }

  /// Times in a trace need not rise, but its order is total: no event is due before an earlier one.
  private func deadline(of time: MonotonicInstant, _ now: MonotonicInstant) -> MonotonicInstant {
    let origin = self.origin ?? (now, time)
    self.origin = origin
    let elapsed = max(time, origin.time).nanoseconds - origin.time.nanoseconds
    let scaled = UInt64(exactly: (Double(elapsed) / speed.factor).rounded()) ?? .max
    let deadline = max(due ?? origin.due, origin.due.advanced(by: scaled))
    due = deadline
    return deadline
  }
}
