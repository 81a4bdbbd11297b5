/// What a queue may send: so many octets in each window (the `rate` key).
struct ModelCredit {
  private var bytes: UInt64
  private var window: UInt64
  private var left: UInt64
  /// When the window under way began, in milliseconds.
  private var start: UInt64
  /// When a packet that waits is to be looked at again.
  private(set) var alarm: UInt64?

  /// No limit, for a guest that connected then.
  init(connected: UInt64) { (bytes, window, left, start) = (.max, 0, .max, connected) }

  /// Other values hold from now on. Whoever waits is looked at again at once.
  mutating func change(bytes: UInt64, milliseconds: UInt64, now: UInt64) {
    (self.bytes, window) = (bytes, milliseconds)
    if alarm != nil { alarm = now } else { left = min(left, bytes) }
  }

  /// Whether a packet may pass, which is then paid for. One that may not waits for the alarm.
  mutating func pay(_ octets: Int, now: UInt64) -> Bool {
    if let alarm {
      guard now >= alarm else { return false }
      self.alarm = nil
      refill()
    }
    guard bytes != .max, UInt64(octets) > left else {
      if bytes != .max { left -= UInt64(octets) }
      return true
    }
    let end = start + window
    if now >= end {
      start = now
      refill()
    }
    guard UInt64(octets) <= left else {
      (start, alarm) = (end, end)
      return false
    }
    left -= UInt64(octets)
    return true
  }

  private mutating func refill() {
    let (sum, isTooMuch) = left.addingReportingOverflow(bytes)
    left = min(isTooMuch ? .max : sum, max(131_072, bytes))
  }
}
