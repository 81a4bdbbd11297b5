internal import Redactor
internal import TraceFormat

/// What an audit came to.
struct AuditSummary: Encodable {
  var file: String
  var redaction: String
  var isProven: Bool
  var events: UInt64
  var octets: UInt64
  var findings: [String]

  enum CodingKeys: String, CodingKey {
    case file, redaction, events, octets, findings
    case isProven = "proven"
  }

  init(_ input: TraceInput, _ report: AuditReport) {
    file = input.name
    redaction = report.statement.text
    isProven = report.isProven
    events = report.events
    octets = report.octets
    findings = report.findings.map(\.words)
  }

  /// The same for people.
  var lines: [String] {
    let state = isProven ? "proven" : "not proven"
    let first = "\(file): \(redaction.isEmpty ? "" : redaction + ": ")\(state)"
    return ["\(first); \(events) events with \(octets) octets"] + findings.map { "  " + $0 }
  }
}

extension AuditReport.Finding {
  /// What was found, and where.
  fileprivate var words: String {
    switch self {
    case .notStated: "the header says that nothing was left out or replaced"
    case .stray(let stray): "at octet \(stray.offset) of the file: \(stray.part.words)"
    case .tooMuch(let number, let event):
      "event \(number): more than was to be left: \(event.line)"
    case .header: "the header is not what redaction makes of the original's"
    case .differs(let number, let event):
      event.map { "event \(number): not what redaction makes of the original's: \($0.line)" }
        ?? "event \(number): missing"
    case .kept(let number, let event, let octet, let count):
      "event \(number): \(count) octets from \(octet) on are the original's: \(event.line)"
    case .moved(let number, let event, let octet, let count):
      "event \(number): \(count) octets from \(octet) on stand elsewhere in the original: \(event.line)"
    case .unseen: "that addresses and payload were replaced can only be seen with --original"
    }
  }
}

extension TraceEvent {
  /// The event as a line of the text form, without its payload.
  fileprivate var line: String { EventLines.of([self]).first ?? "\(self)" }
}

extension StrayOctets.Part {
  fileprivate var words: String {
    switch self {
    case .header: "the header holds more than is known"
    case .unknownKind: "something of an unknown kind"
    case .head: "the head of a block says what its events do not"
    case .index: "the index is not the one that the blocks make"
    case .end: "the trace was cut, and a part of a block is left"
    }
  }
}
