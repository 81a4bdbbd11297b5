public import TraceFormat
import XenRing

/// Looks whether a redacted trace holds nothing but what its header says.
///
/// Without the original: that cutting it once more would change nothing, and that the file has no octet
/// that no reader shows. With the original: that no run of its octets survives where they should have been
/// replaced. With the key too: that the trace is what redaction makes of the original, event by event.
public struct RedactionAudit {
  /// Octets of the original in a row that must not survive.
  public static let run = 8

  private let trace: any ByteSource
  private let original: (any ByteSource)?
  private let key: ScrambleKey?
  private let runsAtATime: Int
  private let statement: RedactionStatement
  private var report: AuditReport

  /// Audits a trace; sources are read several times from their beginning.
  ///
  /// - Throws: what makes one of the traces unreadable.
  public static func report(
    on trace: any ByteSource, original: (any ByteSource)? = nil, key: ScrambleKey? = nil
  ) throws(TraceError) -> AuditReport {
    var audit = try RedactionAudit(trace, original, key, runsAtATime: OctetRuns.usual)
    return try audit.finished()
  }

  init(
    _ trace: any ByteSource, _ original: (any ByteSource)?, _ key: ScrambleKey?,
    runsAtATime: Int
  ) throws(TraceError) {
    self.trace = trace
    self.original = original
    self.key = key
    self.runsAtATime = runsAtATime
    statement = try TraceReader(trace).header.redactionStatement
    report = AuditReport(statement)
  }

  /// Does it all.
  mutating func finished() throws(TraceError) -> AuditReport {
    try run()
    return report
  }

  private mutating func run() throws(TraceError) {
    guard !statement.isEmpty else { return report.note(.notStated) }
    if let stray = try StrayOctets.first(in: trace) { report.note(.stray(stray)) }
    try checkCuts()
    guard let original else {
      if statement.scrambled { report.note(.unseen) }
      return
    }
    if !statement.scrambled || key != nil { try checkResult(of: original) }
    guard statement.scrambled else { return }
    try checkOutline(of: original)
    try checkRuns(of: original)
  }

  /// Whether cutting the trace once more changes nothing.
  private mutating func checkCuts() throws(TraceError) {
    var reader = try TraceReader(trace)
    var again = try RedactedTrace(trace, statement, nil)
    if again.header.snapLength != reader.header.snapLength { report.note(.header) }
    var cut = try again.next()
    while let event = try reader.next(), !report.isFull {
      report.events += 1
      report.octets += UInt64(reader.payload.byteCount)
      let number = report.events - 1
      let isSame = cut?.number == number && cut?.isSame(event, reader.payload) ?? false
      if !isSame { report.note(.tooMuch(number: number, event)) }
      if cut?.number == number { cut = try again.next() }
    }
  }

  /// Whether the trace is what redaction makes of the original.
  private mutating func checkResult(of original: any ByteSource) throws(TraceError) {
    var reader = try TraceReader(trace)
    var wanted = try RedactedTrace(
      original, statement, statement.scrambled ? key.map { .keyed(Scrambler($0)) } : nil)
    if wanted.header != reader.header { report.note(.header) }
    var number: UInt64 = 0
    while !report.isFull {
      let (due, event) = (try wanted.next(), try reader.next())
      guard due != nil || event != nil else { return }
      guard let due, let event, due.isSame(event, reader.payload) else {
        report.note(.differs(number: number, event))
        // With one more or less of them nothing fits behind.
        if event.map({ due?.event.isAlike($0) ?? false }) ?? false { continue }
        return
      }
      number += 1
    }
  }

  /// Whether both traces are the same but for what is replaced, and no run of octets was left there.
  private mutating func checkOutline(of original: any ByteSource) throws(TraceError) {
    var ours = try RedactedTrace(trace, statement, .blank)
    var theirs = try RedactedTrace(original, statement, .blank)
    if ours.header != theirs.header { report.note(.header) }
    while !report.isFull {
      let (own, other) = (try ours.next(), try theirs.next())
      guard own != nil || other != nil else { return }
      guard let own, let other, own.hasSameOutline(as: other) else {
        return report.note(.differs(number: own?.number ?? report.events, own?.event))
      }
      for run in own.runs(sharedWith: other) {
        report.note(
          .kept(number: own.number, own.event, octet: run.lowerBound, count: run.count))
      }
    }
  }
}

// MARK: - Octets that moved

extension RedactionAudit {
  /// Whether a run of the original's octets that should be gone stands anywhere among those that were
  /// replaced. As many runs as memory has room for are looked for at a time.
  private mutating func checkRuns(of original: any ByteSource) throws(TraceError) {
    // Nothing is cut there: what the trace leaves out must not come back elsewhere.
    var theirs = try RedactedTrace(original, RedactionStatement(), .blank)
    var runs = OctetRuns(most: runsAtATime)
    while let event = try theirs.next(), !report.isFull {
      runs.insert(event)
      if runs.isFull { try look(for: &runs) }
    }
    try look(for: &runs)
  }

  private mutating func look(for runs: inout OctetRuns) throws(TraceError) {
    var ours = try RedactedTrace(trace, statement, .blank)
    while let event = try ours.next(), !report.isFull {
      for run in runs.found(in: event) {
        report.note(
          .moved(number: event.number, event.event, octet: run.lowerBound, count: run.count))
      }
    }
    runs.removeAll()
  }
}

extension RedactedEvent {
  /// Whether it is this event with this payload.
  fileprivate func isSame(_ event: TraceEvent, _ octets: RawSpan) -> Bool {
    self.event == event && payload.span.octets.holdsSame(as: octets)
  }

  fileprivate func hasSameOutline(as other: RedactedEvent) -> Bool {
    event == other.event && payload == other.payload && covered == other.covered
  }
}

extension TraceEvent {
  /// Whether it is of the same queue, at the same time.
  fileprivate func isAlike(_ other: TraceEvent) -> Bool {
    (vif, queue, time) == (other.vif, other.queue, other.time)
  }
}
