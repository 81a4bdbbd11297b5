internal import ArgumentParser
internal import TraceFormat

/// `ringside show`: what a trace holds.
struct Show: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Shows what a trace holds.",
    discussion: """
      Example:
        ringside show vif5.0.ringtrace
      """
  )

  @Argument(help: "Traces, folders of traces (*.ringtrace, *.ringtext), or - for standard input.")
  var traces: [String]

  @OptionGroup var output: OutputOptions

  func run() throws {
    for trace in traces {
      for input in try TraceInput.all(trace) { try show(input) }
    }
  }

  private func show(_ input: TraceInput) throws {
    let summary = try summarize(input)
    summary.lines.forEach(output.tell)
    try output.emit(summary)
    if summary.isTruncated {
      Console.note(
        "ringside: \(input.name): truncated; its recorder was killed, or a part is missing")
    }
  }

  private func summarize(_ input: TraceInput) throws(CommandFailure) -> TraceSummary {
    let source = try input.open()
    do throws(TraceError) {
      var reader = try TraceReader(source)
      var summary = TraceSummary(file: input.name, reader.header)
      while let event = try reader.next() { summary.count(event) }
      summary.finish(reader.statistics, isTruncated: reader.isTruncated)
      return summary
    } catch { throw input.failure(error) }
  }
}
