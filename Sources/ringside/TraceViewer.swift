internal import Redactor
internal import TraceFormat
internal import XenInterface
internal import XenRing

/// Reads a trace once: sums it up and hands on the events between two places.
final class TraceViewer {
  /// Where the events go; nil for nowhere.
  var target: TraceOutput.Target?
  /// What is left out of them or replaced; nil for nothing.
  var redaction: Redaction?
  private let input: TraceInput
  private var from: TracePointWatch?
  private var to: TracePointWatch?
  private var output: TraceOutput?
  private var redactor: TraceRedactor?
  private var number: UInt64 = 0

  /// Prepares to read `input`; events before `from` and from `to` on are left out.
  init(_ input: TraceInput, from: EventPoint?, to: EventPoint?) {
    self.input = input
    self.from = from?.watch
    self.to = to?.watch
  }

  /// Reads it.
  func run() throws(CommandFailure) -> TraceSummary {
    var summary: TraceSummary?
    let ending = try input.read { header throws(CommandFailure) in
      redactor = redaction.map { TraceRedactor(header, $0) }
      let header = redactor?.header ?? header
      summary = TraceSummary(file: input.name, header)
      if let target { output = try TraceOutput(target, header) }
    } event: { event, payload throws(CommandFailure) in
      guard to?.reaches(event, number: number) != true else { return false }
      summary?.note(event, payload: payload)
      if from?.reaches(event, number: number) ?? true {
        try put(event, payload)
        summary?.count(event)
      }
      number += 1
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
