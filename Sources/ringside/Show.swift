internal import ArgumentParser
internal import TraceFormat

/// `ringside show`: what a trace holds.
struct Show: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Shows what a trace holds, or turns it into the other form.",
    discussion: """
      Example:
        ringside show vif5.0.ringtrace
        ringside show vif5.0.ringtrace --text --to 100
        ringside show edited.ringtext -w edited.ringtrace
      """
  )

  @Argument(help: "Traces, folders of traces (*.ringtrace, *.ringtext), or - for standard input.")
  var traces: [String]

  @Flag(help: "Print the events in the text form; with --json, an object for each.")
  var text = false

  @Option(help: "Begin with this event: its number, or a time like 1.5s.")
  var from: EventPoint?

  @Option(help: "End before this event: its number, or a time like 1.5s.")
  var to: EventPoint?

  @Option(name: .short, help: "Write the trace to a file; one that ends in .ringtext is text.")
  var write: String?

  @OptionGroup var output: OutputOptions

  func validate() throws {
    if write != nil, from != nil {
      throw ValidationError(
        "-w keeps the state that the trace begins with; --from would cut it off")
    }
    if write != nil, text { throw ValidationError("-w and --text exclude each other") }
  }

  func run() throws {
    let inputs = try traces.flatMap { try TraceInput.all($0) }
    guard write == nil || inputs.count == 1 else {
      throw ValidationError("-w takes one trace, there are \(inputs.count)")
    }
    for input in inputs { try show(input) }
  }

  private func show(_ input: TraceInput) throws {
    let viewer = TraceViewer(input, from: from, to: to)
    if let write {
      viewer.target = .file(write)
    } else if text {
      viewer.target = output.isJSON ? .objects : .text
    }
    let summary = try viewer.run()
    summary.lines.forEach(text ? Console.note : output.tell)
    output.emit(summary)
    if summary.isTruncated { Console.note("ringside: \(input.truncation)") }
  }
}
