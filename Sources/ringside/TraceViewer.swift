internal import TraceFormat
internal import XenInterface

/// Reads a trace once: sums it up and hands on the events between two places.
final class TraceViewer {
  /// Where the events go; nil for nowhere.
  var target: TraceOutput.Target?
  private let input: TraceInput
  private let from: EventPoint?
  private let to: EventPoint?
  private var output: TraceOutput?
  private var first: UInt64?
  private var number: UInt64 = 0
  private var elapsed: UInt64 = 0

  /// Prepares to read `input`; events before `from` and from `to` on are left out.
  init(_ input: TraceInput, from: EventPoint?, to: EventPoint?) {
    self.input = input
    self.from = from
    self.to = to
  }

  /// Reads it.
  func run() throws(CommandFailure) -> TraceSummary {
    var summary: TraceSummary?
    let ending = try input.read { header throws(CommandFailure) in
      summary = TraceSummary(file: input.name, header)
      if let target { output = try TraceOutput(target, header) }
    } event: { event, payload throws(CommandFailure) in
      guard isBeforeEnd(event) else { return false }
      summary?.note(event, payload: payload)
      if from?.isAfter(number: number, nanoseconds: elapsed) != true {
        try output?.append(event, payload: payload)
        summary?.count(event)
      }
      number += 1
      return true
    }
    try output?.finish()
    guard var summary else { throw input.failure(.notATrace) }
    summary.finish(ending)
    return summary
  }

  private func isBeforeEnd(_ event: TraceEvent) -> Bool {
    let time = event.time.nanoseconds
    first = first ?? time
    elapsed = time - min(first ?? time, time)
    return to?.isAfter(number: number, nanoseconds: elapsed) ?? true
  }
}
