import Netif
public import TraceFormat
public import XenInterface

/// Why a flight recorder writes a file.
public enum FlightCause: Hashable, Sendable {
  /// The guest was cut off for breaking a rule, by its number in traces.
  case fatal(rule: UInt8)
  /// An answer with an error, on this ring.
  case error(status: Int16, ring: TraceRing)
  /// A ring stands still; the words say which and why.
  case stall(String)
  /// So many packets came within a second.
  case rate(UInt64)
  /// Somebody asked.
  case signal

  /// The names that a cause may have.
  public static let names = ["fatal", "error", "stall", "rate", "signal"]

  /// Its name, as on the command line and in the names of files.
  public var name: String { Self.names[place] }

  private var place: Int {
    switch self {
    case .fatal: 0
    case .error: 1
    case .stall: 2
    case .rate: 3
    case .signal: 4
    }
  }

  /// The rule that was broken, if it is that and known.
  public var rule: String? {
    guard case .fatal(let rule) = self, Int(rule) < TxViolation.names.count else { return nil }
    return TxViolation.names[Int(rule)]
  }

  /// What it was, beside its name.
  public var words: String {
    switch self {
    case .fatal(let rule): TxViolation.name(ofCode: rule)
    case .error(let status, let ring): "an answer with status \(status) on the \(ring) ring"
    case .stall(let words): words
    case .rate(let packets): "\(packets) packets within a second"
    case .signal: "asked for"
    }
  }

  /// Whether the same again within a minute is the same still going on. A guest is cut off once, and who asks
  /// twice wants two files.
  var mayGoOn: Bool {
    switch self {
    case .fatal, .signal: false
    case .error, .stall, .rate: true
    }
  }
}

/// A cause, where it came up and when.
public struct FlightOccasion: Hashable, Sendable {
  /// Why.
  public var cause: FlightCause
  /// The guest.
  public var domain: DomainID
  /// The device number.
  public var handle: VifHandle
  /// When, by the clock of the events.
  public var time: MonotonicInstant
  /// When, in nanoseconds since 1970; 0 when not known.
  public var wallTime: UInt64

  /// Describes an occasion.
  public init(
    cause: FlightCause, domain: DomainID, handle: VifHandle, time: MonotonicInstant,
    wallTime: UInt64
  ) {
    self.cause = cause
    self.domain = domain
    self.handle = handle
    self.time = time
    self.wallTime = wallTime
  }
}
