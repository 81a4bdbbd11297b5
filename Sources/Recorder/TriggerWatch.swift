import Netif
import TraceFormat
import XenInterface

/// Finds the triggers in what a recording takes.
struct TriggerWatch {
  /// How long something must not have come up before it is something new, in nanoseconds.
  static let quiet: UInt64 = 60_000_000_000

  private struct Kind: Hashable {
    var vif: UInt16
    var name: String
  }

  private let triggers: FlightTriggers
  private var rates: [UInt16: RateMeter] = [:]
  private var last: [Kind: MonotonicInstant] = [:]
  /// Causes that came up again before they were something new.
  private(set) var repeated: UInt64 = 0

  init(_ triggers: FlightTriggers) { self.triggers = triggers }

  /// The trigger that an event is, if it is one and new.
  mutating func look(at event: TraceEvent) -> FlightCause? {
    guard let cause = cause(event), isNew(cause, of: event.vif, at: event.time) else { return nil }
    return cause
  }

  /// Whether a cause is not the one before still going on.
  mutating func isNew(_ cause: FlightCause, of vif: UInt16, at time: MonotonicInstant) -> Bool {
    guard cause.mayGoOn else { return true }
    let kind = Kind(vif: vif, name: cause.name)
    let before = last[kind]
    last[kind] = max(before ?? time, time)
    guard let before, time < before.advanced(by: Self.quiet) else { return true }
    repeated += 1
    return false
  }

  private mutating func cause(_ event: TraceEvent) -> FlightCause? {
    switch event.body {
    case .disabled(let rule): triggers.fatal ? .fatal(rule: rule) : nil
    case .txResponse(_, _, _, let status): error(status.rawValue, .tx)
    case .rxResponse(_, _, let word): error(Int16(truncatingIfNeeded: word >> 16), .rx)
    case .delivered, .taken, .dropped: rate(event)
    default: nil
    }
  }

  private func error(_ status: Int16, _ ring: TraceRing) -> FlightCause? {
    triggers.error && status < 0 ? .error(status: status, ring: ring) : nil
  }

  private mutating func rate(_ event: TraceEvent) -> FlightCause? {
    guard let most = triggers.rate else { return nil }
    let packets = rates[event.vif, default: RateMeter()].count(at: event.time)
    return packets >= most ? .rate(packets) : nil
  }
}

/// Counts what came within the last second, to a tenth.
struct RateMeter {
  private static let tenth: UInt64 = 100_000_000

  private var counts = InlineArray<10, UInt64>(repeating: 0)
  private var sum: UInt64 = 0
  private var current: UInt64 = 0

  /// Counts one more; says how many there were. What comes late counts as if it came now.
  mutating func count(at time: MonotonicInstant) -> UInt64 {
    let tenth = max(time.nanoseconds / Self.tenth, current)
    for passed in 0..<min(tenth - current, 10) {
      let place = Int((tenth - passed) % 10)
      sum -= counts[place]
      counts[place] = 0
    }
    current = tenth
    counts[Int(tenth % 10)] += 1
    sum += 1
    return sum
  }
}
