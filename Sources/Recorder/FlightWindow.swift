import TraceFormat
import XenInterface

/// A trigger whose file is still to be written: what follows is waited for.
struct FlightWindow {
  /// A storm of triggers prolongs a window to this many times its length.
  private static let mostLengths: UInt64 = 4

  /// The first trigger.
  let occasion: FlightOccasion
  /// Triggers that came while it was open.
  private(set) var joined: UInt64 = 0
  /// When it was opened, by the clock that the recording is driven by.
  let begin: MonotonicInstant
  /// Octets recorded before.
  let octets: UInt64
  private var end: MonotonicInstant
  /// Whether writing it has failed before.
  private(set) var hasFailed = false

  init(_ occasion: FlightOccasion, at now: MonotonicInstant, octets: UInt64, length: UInt64) {
    self.occasion = occasion
    self.octets = octets
    begin = now
    end = now.advanced(by: length)
  }

  /// Takes another trigger in.
  mutating func join(at now: MonotonicInstant, length: UInt64) {
    joined += 1
    let (product, overflow) = length.multipliedReportingOverflow(by: Self.mostLengths)
    let latest = begin.advanced(by: overflow ? .max : product)
    end = max(end, min(now.advanced(by: length), latest))
  }

  /// Takes in another window, which was opened behind this one.
  mutating func join(_ other: FlightWindow) { joined += 1 + other.joined }

  /// Puts its end off: it could not be written.
  mutating func putOff(until time: MonotonicInstant) {
    end = time
    hasFailed = true
  }

  /// Whether no more is waited for: the time is over, or there is no room for more.
  func isOver(at now: MonotonicInstant, octets recorded: UInt64, of memory: UInt64) -> Bool {
    end <= now || !hasFailed && recorded - octets >= memory / 2
  }

  /// Whether the trigger may not be in memory any more.
  func isGone(octets recorded: UInt64, of kept: UInt64) -> Bool { recorded - octets >= kept }
}
