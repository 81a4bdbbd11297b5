import Netback

/// How long a ring stands still before that is a stall.
public struct StallLimits: Hashable, Sendable {
  /// Nanoseconds that requests or answers stand. A second: two ends that share a ring act within
  /// milliseconds, and the slowest of their timers, a credit window, is added where there is one.
  public static let ring: UInt64 = 1_000_000_000
  /// Nanoseconds that a frame waits for requests of the guest's: Linux drops it then.
  public static let frames = RxLiveness.drainTimeout
  /// Nanoseconds after which Linux takes the carrier away from a guest that offers too few requests, if
  /// it has `feature-rx-notify`.
  public static let carrier = RxLiveness.stallTimeout

  /// Nanoseconds that requests or answers may stand.
  public var ring: UInt64
  /// Nanoseconds that frames may wait.
  public var frames: UInt64

  /// Describes limits.
  public init(ring: UInt64 = Self.ring, frames: UInt64 = Self.frames) {
    self.ring = ring
    self.frames = frames
  }

  /// The same for all.
  public init(all nanoseconds: UInt64) { self.init(ring: nanoseconds, frames: nanoseconds) }
}
