/// Events in their order, some of which wait for what comes behind them.
struct EventLine {
  private var events: [RedactedEvent] = []
  /// Events before it in the list are gone.
  private var first = 0
  /// Number of the first event of the list.
  private var base: UInt64 = 0
  /// Octets that wait.
  private(set) var octets = 0

  /// Number of the next event.
  var end: UInt64 { base + UInt64(events.count) }

  /// Events that wait.
  var count: Int { events.count - first }

  mutating func append(_ event: RedactedEvent) {
    octets += event.payload.count
    events.append(event)
  }

  /// The event of a number, which has not left yet.
  subscript(number: UInt64) -> RedactedEvent {
    get { events[Int(number - base)] }
    set { events[Int(number - base)] = newValue }
  }

  /// Takes the first event out, when it waits for nothing.
  mutating func popReady() -> RedactedEvent? {
    while first < events.count {
      let event = events[first]
      guard event.state != .waiting else { return nil }
      octets -= event.payload.count
      first += 1
      tidy()
      if event.state == .ready { return event }
    }
    return nil
  }

  /// Forgets what is gone, when that is much or all.
  private mutating func tidy() {
    guard first == events.count || first >= 1024 && first > events.count / 2 else { return }
    events.removeFirst(first)
    base += UInt64(first)
    first = 0
  }
}
