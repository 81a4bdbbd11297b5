public import TraceFormat

/// What an audit of a redacted trace found.
public struct AuditReport: Hashable, Sendable {
  /// Something that the trace's statement does not cover.
  public enum Finding: Hashable, Sendable {
    /// The header does not say that anything was left out or replaced.
    case notStated
    /// The file has octets that are no part of header, events or index.
    case stray(StrayOctets)
    /// An event has octets that should have been left out.
    case tooMuch(number: UInt64, TraceEvent)
    /// The headers are not those that the original's redaction gives.
    case header
    /// An event is not what redaction makes of the original's; nil where there is no event for it.
    case differs(number: UInt64, TraceEvent?)
    /// `count` octets from `octet` on of an event's payload are the original's in the same place, though
    /// they should have been replaced.
    case kept(number: UInt64, TraceEvent, octet: Int, count: Int)
    /// The same, from another place in the original.
    case moved(number: UInt64, TraceEvent, octet: Int, count: Int)
    /// Whether octets were replaced can only be seen beside the original.
    case unseen
  }

  /// What the header says was done.
  public let statement: RedactionStatement
  /// What was found, in order; no more than `limit` of it.
  public private(set) var findings: [Finding] = []
  /// Events that were looked at.
  public internal(set) var events: UInt64 = 0
  /// Octets beside them.
  public internal(set) var octets: UInt64 = 0

  /// Findings that are kept.
  public static var limit: Int { 16 }

  init(_ statement: RedactionStatement) { self.statement = statement }

  /// Whether nothing is in the trace but what the statement says.
  public var isProven: Bool { findings.isEmpty }

  mutating func note(_ finding: Finding) {
    if findings.count < Self.limit { findings.append(finding) }
  }

  /// Whether more findings are of no use.
  var isFull: Bool { findings.count >= Self.limit }
}
