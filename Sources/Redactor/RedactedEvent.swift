public import TraceFormat

/// An event on its way through a redaction.
public struct RedactedEvent: Sendable {
  /// Its number in the trace that it comes from.
  public let number: UInt64
  /// The event.
  public internal(set) var event: TraceEvent
  /// The octets beside it.
  public internal(set) var payload: [UInt8]
  /// The octets of the packet as they were, as many as stay.
  private(set) var source: [UInt8] = []
  /// Which of them are replaced.
  private(set) var covered: [Range<Int>] = []
  /// What is still to be done with it.
  var state = State.ready

  enum State {
    /// More may become known of it.
    case waiting
    case ready
    /// Nothing is left of it.
    case dropped
  }

  init(_ event: TraceEvent, _ payload: [UInt8], number: UInt64) {
    self.event = event
    self.payload = payload
    self.number = number
  }

  /// Takes its octets from a frame in which they begin at `position`, and cuts them where the frame is
  /// cut.
  mutating func take(_ frame: ReplacedFrame, from position: Int = 0, upTo limit: Int) {
    let count = min(payload.count, max(0, limit - position))
    let range = position..<(position + count)
    source = Array(payload.prefix(count))
    payload = Array(frame.octets[range])
    covered = frame.covered.compactMap { part in
      let own = part.clamped(to: range)
      return own.isEmpty ? nil : (own.lowerBound - position)..<(own.upperBound - position)
    }
    state = .ready
  }

  /// The same for memory, of which nothing is left when none of its octets are.
  mutating func takeMemory(_ frame: ReplacedFrame, from position: Int = 0, upTo limit: Int) {
    guard case .memory(var operand) = event.body else { return }
    let hadOctets = !payload.isEmpty
    take(frame, from: position, upTo: limit)
    operand.captured = UInt16(clamping: payload.count)
    event.body = .memory(operand)
    if hadOctets, payload.isEmpty { state = .dropped }
  }
}
