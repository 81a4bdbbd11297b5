internal import Netif
internal import TraceFormat
internal import XenInterface

/// What a trace holds, in numbers.
struct TraceSummary: Encodable {
  var file: String
  var source: String
  var profile: String
  var tool: String
  var snapLength: UInt32
  /// What was left out or replaced on purpose.
  var redaction: String
  /// The first that is known of each vif.
  var vifs: [VifSummary]
  var events: UInt64 = 0
  var octets: UInt64?
  var octetsPerRingEvent: Double?
  var nanoseconds: UInt64 = 0
  var requests: UInt64 = 0
  var responses: UInt64 = 0
  var errorResponses: UInt64 = 0
  var grantOperations: UInt64 = 0
  var failedGrantOperations: UInt64 = 0
  var delivered: UInt64 = 0
  var taken: UInt64 = 0
  var dropped: UInt64 = 0
  var lost: UInt64 = 0
  var disabled: [String] = []
  var isTruncated = false
  private var begin: UInt64?

  enum CodingKeys: String, CodingKey {
    case file, source, profile, tool, vifs, events, octets, nanoseconds, requests, responses
    case delivered, taken, dropped, lost, disabled, redaction
    case snapLength = "snap_length"
    case octetsPerRingEvent = "octets_per_ring_event"
    case errorResponses = "error_responses"
    case grantOperations = "grant_operations"
    case failedGrantOperations = "failed_grant_operations"
    case isTruncated = "truncated"
  }

  /// Begins with what the header says.
  init(file: String, _ header: TraceHeader) {
    self.file = file
    source = header.source.words
    profile = "\(header.profile)"
    tool = header.tool
    snapLength = header.snapLength
    redaction = header.redaction
    vifs = header.vifs.map(VifSummary.init)
  }

  /// Takes over what an event says of the vifs themselves.
  mutating func note(_ event: TraceEvent, payload: RawSpan) {
    guard case .snapshot = event.body, vifs.indices.contains(Int(event.vif)) else { return }
    vifs[Int(event.vif)].note(payload)
  }

  /// Counts an event.
  mutating func count(_ event: TraceEvent) {
    events += 1
    let time = event.time.nanoseconds
    nanoseconds = time - min(begin ?? time, time)
    begin = begin ?? time
    switch event.body {
    case .slot: requests += 1
    case .txResponse(_, _, _, let status): countResponse(isError: status.rawValue < 0)
    case .rxResponse(_, _, let word):
      countResponse(isError: Int16(truncatingIfNeeded: word >> 16) < 0)
    case .controlResponse(_, _, let status, _): countResponse(isError: status != 0)
    case .grantCopy(_, _, let status), .grantMap(_, _, _, let status),
      .grantUnmap(_, _, let status):
      grantOperations += 1
      if status != .okay { failedGrantOperations += 1 }
    case .delivered: delivered += 1
    case .taken: taken += 1
    case .dropped: dropped += 1
    case .disabled(let rule): disabled.append(TxViolation.name(ofCode: rule))
    case .gap(let events): lost += events
    default: break
    }
  }

  /// Ends with what the reader counted.
  mutating func finish(_ ending: TraceEnding) {
    octets = ending.statistics?.octets
    octetsPerRingEvent = ending.statistics?.octetsPerRingEvent
    isTruncated = ending.isTruncated
  }

  private mutating func countResponse(isError: Bool) {
    responses += 1
    if isError { errorResponses += 1 }
  }
}

extension TraceSummary {
  /// The numbers as people read them.
  var lines: [String] {
    let state = isTruncated ? "truncated: good up to here" : "complete"
    var lines = [
      octets.map { "\(file): \($0) octets, \(state)" } ?? file,
      "  recorded by  \(source)\(tool.isEmpty ? "" : ", " + tool); profile \(profile), snap length \(snapLength)",
    ]
    if !redaction.isEmpty { lines.append("  redacted     \(redaction)") }
    lines += vifs.map { "  vif          \($0.line)" }
    lines += [
      "  events       \(events) in \(nanoseconds.asSeconds) s",
      "  ring         \(requests) request slots, \(responses) responses (\(errorResponses) errors)",
      "  grants       \(grantOperations) operations (\(failedGrantOperations) failed)",
      "  frames       \(delivered) delivered, \(taken) taken, \(dropped) dropped",
      "  lost         \(lost) events",
    ]
    if let octetsPerRingEvent {
      let ratio = (octetsPerRingEvent * 100).rounded() / 100
      lines.append("  size         \(ratio) octets per ring event, without frames")
    }
    lines += disabled.map { "  disabled     \($0)" }
    return lines
  }
}

extension UInt64 {
  /// Nanoseconds in seconds.
  var asSeconds: String {
    let milliseconds = self / 1_000_000
    let fraction = "\(milliseconds % 1000 + 1000)".dropFirst()
    return "\(milliseconds / 1000).\(fraction)"
  }
}
