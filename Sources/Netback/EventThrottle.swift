import XenInterface

/// Keeps a guest that sends events for nothing from keeping its backend busy (XSA-332).
///
/// As in Linux (`xen_irq_lateeoi`) a port may fire in vain once; from the second time on it stays
/// masked for a while, twice as long each time, a second at most. An event that brought requests
/// since the last one ends that.
struct EventThrottle {
  /// Nanoseconds of the first wait.
  private static let firstWait: UInt64 = 1_000_000
  /// How often the wait doubles.
  private static let doublings = 10

  /// How far a backend has come with the rings that a port tells of.
  struct Progress: Equatable {
    /// Which of the connections that the port's number has served.
    var connection: UInt32
    /// Requests taken, all in all, modulo 2^32.
    var requestsTaken: UInt32
  }

  private struct Pace {
    var progress: Progress
    var vainEvents = 0
  }

  private var paces: [EventChannelPort: Pace] = [:]
  private var held: [EventChannelPort: MonotonicInstant] = [:]
  /// Where the rings of a port were last found; among many vifs they are not looked for each time.
  private var places: [EventChannelPort: Int] = [:]

  /// When the next port is to be unmasked.
  var wakeUp: MonotonicInstant? { held.values.min() }

  /// Begins a turn: unmasks the ports whose wait is over, then takes all events that have come.
  ///
  /// - Returns: the ports that have fired, each to be unmasked when the turn is over.
  mutating func begin(now: MonotonicInstant, _ events: any EventChannels) -> [EventChannelPort] {
    unmask(dueAt: now, events)
    var fired: [EventChannelPort] = []
    while let port = events.takeMasked() { fired.append(port) }
    return fired
  }

  private mutating func unmask(dueAt now: MonotonicInstant, _ events: any EventChannels) {
    guard let wakeUp, wakeUp <= now else { return }
    for (port, due) in held where due <= now {
      held[port] = nil
      events.unmask(port)
    }
  }

  /// Ends a turn, in which all of `served` were polled, whatever fired: unmasks the ports that did.
  mutating func end(
    _ fired: [EventChannelPort], _ served: [some EventServed], now: MonotonicInstant,
    _ events: any EventChannels
  ) {
    for port in fired {
      unmask(port, progress(through: port, served), now: now, events)
    }
  }

  private mutating func progress(
    through port: EventChannelPort, _ served: [some EventServed]
  ) -> Progress? {
    if let place = places[port], served.indices.contains(place),
      let progress = served[place].progress(through: port)
    {
      return progress
    }
    for place in served.indices {
      guard let progress = served[place].progress(through: port) else { continue }
      places[port] = place
      return progress
    }
    places[port] = nil
    return nil
  }

  /// Unmasks a port that has fired, at once or later.
  ///
  /// - Parameter progress: with its rings; nil when it is nobody's any more.
  private mutating func unmask(
    _ port: EventChannelPort, _ progress: Progress?, now: MonotonicInstant,
    _ events: any EventChannels
  ) {
    let vain = count(port, progress)
    guard vain > 1 else { return events.unmask(port) }
    held[port] = now.advanced(by: Self.firstWait << UInt64(min(vain - 2, Self.doublings)))
  }

  /// Events in a row, this one included, that brought nothing.
  private mutating func count(_ port: EventChannelPort, _ progress: Progress?) -> Int {
    held[port] = nil
    guard let progress else {
      paces[port] = nil
      return 0
    }
    guard var pace = paces[port], pace.progress == progress else {
      paces[port] = Pace(progress: progress)
      return 0
    }
    pace.vainEvents = min(pace.vainEvents + 1, Self.doublings + 2)
    paces[port] = pace
    return pace.vainEvents
  }
}
