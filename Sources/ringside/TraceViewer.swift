internal import Redactor
internal import TraceFormat
internal import XenRing

/// Sums a trace up and hands on the events between two places.
final class TraceViewer {
  /// Where the events go; nil for nowhere.
  var target: TraceOutput.Target?
  /// What is left out of them or replaced; nil for nothing.
  var redaction: Redaction?
  private let input: TraceInput
  private let from: CountedPoint?
  private let to: CountedPoint?
  private var output: TraceOutput?
  private var redactor: TraceRedactor?

  /// Prepares to read `input`; events before `from` and from `to` on are left out.
  init(_ input: TraceInput, from: CountedPoint?, to: CountedPoint?) {
    self.input = input
    self.from = from
    self.to = to
  }

  /// Reads it.
  func run() throws(CommandFailure) -> TraceSummary {
    let source = try input.trace()
    var range = try input.range(of: source, from: from, to: to)
    var summary: TraceSummary?
    let ending = try input.read(source, from: range.from) { header throws(CommandFailure) in
      redactor = redaction.map { TraceRedactor(header, $0) }
      let header = redactor?.header ?? header
      summary = TraceSummary(file: input.name, header)
      if let target { output = try TraceOutput(target, header) }
    } passed: { event, payload in
      summary?.note(event, payload: payload)
    } leapt: {
      range.pass($0)
    } event: { event, payload, number throws(CommandFailure) in
      guard !range.isOver(at: event, number: number) else { return false }
      summary?.note(event, payload: payload)
      if range.hasBegun(at: event, number: number) {
        try put(event, payload)
        summary?.count(event)
      }
      return true
    }
    redactor?.finish()
    try putRedacted()
    try output?.finish()
    guard var summary else { throw input.failure(.notATrace) }
    summary.finish(ending)
    return summary
  }

  private func put(_ event: TraceEvent, _ payload: RawSpan) throws(CommandFailure) {
    guard redactor != nil else { return try output?.append(event, payload: payload) ?? () }
    redactor?.take(event, payload: payload)
    try putRedacted()
  }

  private func putRedacted() throws(CommandFailure) {
    while let event = redactor?.next() {
      try output?.append(event.event, payload: event.payload.span.octets)
    }
  }
}
