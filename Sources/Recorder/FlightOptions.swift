/// How much a flight recorder keeps, and what makes a file of it.
public struct FlightOptions: Hashable, Sendable {
  /// Nanoseconds behind a trigger unless something else is said.
  public static let usualAfter: UInt64 = 5_000_000_000

  /// Octets of memory for what was recorded last.
  public var memory: UInt64
  /// What makes a file.
  public var triggers: FlightTriggers
  /// Nanoseconds before a trigger that its file has at least, if memory has them; `nil` for all that
  /// memory has.
  public var before: UInt64?
  /// Nanoseconds behind a trigger that its file has, unless half of memory is full of them earlier.
  public var after: UInt64
  /// Files after which the recording ends; `nil` for no bound.
  public var files: Int?

  /// Describes a flight recorder.
  public init(
    memory: UInt64, triggers: FlightTriggers, before: UInt64? = nil,
    after: UInt64 = Self.usualAfter, files: Int? = nil
  ) {
    self.memory = memory
    self.triggers = triggers
    self.before = before
    self.after = after
    self.files = files
  }

  /// How what is kept is recorded: in pieces, the oldest of which is let go of when there is no more room.
  ///
  /// - Parameter stop: when the recording ends.
  public func recording(stop: RecordingLimits) -> RecordingOptions {
    let piece = RecordingLimits(nanoseconds: before.map { max($0 / 4, 1) }, octets: pieceOctets)
    return RecordingOptions(stop: stop, newFile: piece, files: 1, staysInMemory: true)
  }

  /// Octets at which a piece is full.
  var pieceOctets: UInt64 { max(memory / 16, 1) }
  /// Octets that all pieces but the newest have at most: that one may grow to twice its size.
  var closedOctets: UInt64 { memory - min(2 * pieceOctets, memory) }
}

/// What makes a flight recorder write a file.
public struct FlightTriggers: Hashable, Sendable {
  /// A guest that is cut off.
  public var fatal: Bool
  /// An answer with an error on a TX or RX ring.
  public var error: Bool
  /// A ring that stands still.
  public var stall: Bool
  /// Packets of both directions within a second from which on it is one; `nil` for none.
  public var rate: UInt64?
  /// Somebody who asks.
  public var signal: Bool

  /// Describes triggers; none by default.
  public init(
    fatal: Bool = false, error: Bool = false, stall: Bool = false, rate: UInt64? = nil,
    signal: Bool = false
  ) {
    self.fatal = fatal
    self.error = error
    self.stall = stall
    self.rate = rate
    self.signal = signal
  }
}
