public import XenInterface

/// How many octets a queue may still send (Linux: `tx_credit_exceeded`, `tx_add_credit`).
///
/// A packet that is larger than what is left waits, unconsumed, for the next window.
public struct CreditScheduler: Hashable, Sendable {
  /// Octets that a burst may always have, so that one large packet passes.
  public static var smallestBurst: UInt64 { 131_072 }

  /// Octets per window; `UInt64.max` when the queue is not limited.
  public private(set) var bytes: UInt64
  /// Length of a window in nanoseconds, a whole number of milliseconds.
  public private(set) var window: UInt64
  /// Octets left.
  public private(set) var remaining: UInt64
  /// When to look again; `nil` while nothing waits.
  public private(set) var wakeUp: MonotonicInstant?
  private var windowStart: MonotonicInstant

  /// Limits a queue to `bytes` octets in `microseconds`.
  public init(bytes: UInt64, microseconds: UInt64, now: MonotonicInstant) {
    self.bytes = bytes
    window = Self.window(microseconds: microseconds)
    remaining = bytes
    windowStart = now
  }

  /// Puts another limit in force at once: a packet that waits is looked at again with new credit,
  /// else what is left is cut down to the limit (Linux: `xen_net_rate_changed`).
  public mutating func change(bytes: UInt64, microseconds: UInt64, now: MonotonicInstant) {
    self.bytes = bytes
    window = Self.window(microseconds: microseconds)
    if wakeUp == nil { remaining = min(remaining, bytes) } else { wakeUp = now }
  }

  private static func window(microseconds: UInt64) -> UInt64 {
    (microseconds / 1000).multipliedReportingOverflow(by: 1_000_000).partialValue
  }

  /// No limit.
  public static var unlimited: CreditScheduler {
    CreditScheduler(bytes: .max, microseconds: 0, now: MonotonicInstant(nanoseconds: 0))
  }

  /// Charges a packet of `size` octets, or says that it must wait until `wakeUp`.
  @inline(__always)
  public mutating func charge(_ size: UInt16, now: MonotonicInstant) -> Bool {
    if bytes == .max, wakeUp == nil { return true }
    return chargeLimited(size, now: now)
  }

  private mutating func chargeLimited(_ size: UInt16, now: MonotonicInstant) -> Bool {
    expireTimer(now: now)
    if bytes == .max { return true }
    if UInt64(size) > remaining, isExceeded(by: UInt64(size), now: now) { return false }
    remaining -= UInt64(size)
    return true
  }

  private mutating func expireTimer(now: MonotonicInstant) {
    guard let due = wakeUp, due <= now else { return }
    wakeUp = nil
    refill()
  }

  private mutating func isExceeded(by size: UInt64, now: MonotonicInstant) -> Bool {
    if wakeUp != nil { return true }
    let next = windowStart.advanced(by: window)
    if now >= next {
      windowStart = now
      refill()
    }
    guard size > remaining else { return false }
    wakeUp = next
    windowStart = next
    return true
  }

  private mutating func refill() {
    let (sum, overflow) = remaining.addingReportingOverflow(bytes)
    remaining = min(overflow ? .max : sum, max(Self.smallestBurst, bytes))
  }
}
