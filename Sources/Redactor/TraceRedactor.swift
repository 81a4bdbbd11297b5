import Netback
import Netif
public import TraceFormat
import XenInterface
import XenRing

/// Takes the events of a trace and gives them back with what is to be left out left out and what is to be
/// replaced replaced.
///
/// What a slot, a grant operation or an answer says stays, but for the addresses and flow hashes of extra
/// infos. Octets of memory belong to packets, of which more may be known when the poll ends: they wait
/// until then, and with them what comes behind.
public struct TraceRedactor: Sendable {
  /// Events, and octets of them, that wait at most; a trace in which polls bring more is not one of a ring.
  private static let mostEvents = 1 << 16
  private static let mostOctets = 32 << 20

  /// The header of the redacted trace.
  public let header: TraceHeader
  let cut: PacketCut
  let replacement: Replacement?
  var line = EventLine()
  var lanes: [Lane.Name: Lane] = [:]
  var hashes: [UInt16: FlowHashes] = [:]
  /// Vifs whose control ring is being polled.
  var inControlPoll: Set<UInt16> = []

  /// Begins with a trace's header.
  public init(_ header: TraceHeader, _ redaction: Redaction) {
    self.init(header, redaction.statement, redaction.replacement)
  }

  init(
    _ header: TraceHeader, _ statement: RedactionStatement, _ replacement: Replacement?
  ) {
    cut = PacketCut(statement)
    self.replacement = replacement
    var redacted = header
    redacted.redaction = header.redactionStatement.followed(by: statement).text
    redacted.snapLength = min(
      header.snapLength, statement.snapLength ?? .max,
      statement.headersOnly ? PacketCut.longestHeaders : .max)
    if let replacement {
      redacted.options = replacement.text(for: header.options)
      redacted.vifs = header.vifs.map { $0.redacted(replacement) }
    }
    self.header = redacted
    for (place, vif) in header.vifs.enumerated() { begin(vif, UInt16(clamping: place)) }
  }

  /// Takes the next event of the trace.
  public mutating func take(_ event: TraceEvent, payload: RawSpan) {
    var octets: [UInt8] = []
    octets.append(octets: payload)
    settlePolls(before: event)
    var entry = RedactedEvent(event, octets, number: line.end)
    redact(&entry)
    line.append(entry)
    settlePolls(with: event)
    if line.count > Self.mostEvents || line.octets > Self.mostOctets { settleAll() }
  }

  /// The next event of the redacted trace, if it is known.
  public mutating func next() -> RedactedEvent? { line.popReady() }

  /// The trace ends here.
  public mutating func finish() { settleAll() }
}

// MARK: - Polls

extension TraceRedactor {
  /// Ends the polls that an event shows to have ended.
  private mutating func settlePolls(before event: TraceEvent) {
    switch event.body {
    case .pollBegin(.tx, _): settle(Lane.Name(event))
    case .connected, .disconnected, .snapshot:
      for name in lanes.keys where name.vif == event.vif {
        settle(name)
        lanes[name] = nil
      }
      inControlPoll.remove(event.vif)
    case .gap: for name in lanes.keys { endPoll(name) }
    default: break
    }
  }

  private mutating func settlePolls(with event: TraceEvent) {
    let name = Lane.Name(event)
    switch event.body {
    case .pollBegin(.tx, _): lanes[name, default: Lane()].isInPoll = true
    case .pollBegin(.control, _): inControlPoll.insert(event.vif)
    case .pollEnd(.control, _, _, _): inControlPoll.remove(event.vif)
    case .pollEnd(.tx, let consumer, _, _):
      endPoll(name)
      lanes[name]?.slots.endPoll(at: consumer)
    default: if lanes[name]?.isInPoll == false { settle(name) }
    }
  }

  private mutating func endPoll(_ name: Lane.Name) {
    settle(name)
    lanes[name]?.isInPoll = false
  }

  private mutating func settleAll() { for name in lanes.keys { settle(name) } }
}
