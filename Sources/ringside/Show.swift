internal import ArgumentParser
internal import Fuzzer
internal import TraceFormat

/// `ringside show`: what a trace holds.
struct Show: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Shows what a trace holds, or turns it into another form.",
    discussion: """
      A scenario in its text form is shown as the trace of what our netback does with it, a
      capture (pcap, pcapng) as that of a guest that sends and gets its frames.

      Example:
        ringside show vif5.0.ringtrace
        ringside show vif5.0.ringtrace --text --to 100
        ringside show vif5.0.ringtrace --text --from -1s
        ringside show edited.ringtext -w edited.ringtrace
        ringside show vif5.0.ringtrace -w vif5.0.pcapng
        ringside show vif5.0.ringtrace -w vif5.0.perfetto-trace
        ringside show capture.pcap -w guest.ringtrace --guest 00:16:3e:00:00:01
        ringside show case.scenario -w case.ringtrace
        ringside show vif5.0.ringtrace --scenarios seeds --from -10s
        ringside show case.scenario --as swift-test -w Tests/FuzzerTests/Exported/case.swift
        ringside show case.scenario --as c -w case.c
        ringside show vif5.0.ringtrace --diagnose
        ringside show vif5.0.ringtrace -w sent.ringtrace --headers-only --scramble KEY
        ringside show sent.ringtrace --check-redaction
      """
  )

  @Argument(help: "Traces, folders of traces (*.ringtrace, *.ringtext), or - for standard input.")
  var traces: [String]

  @OptionGroup var form: FormOptions

  @Option(
    parsing: .unconditional,
    help: "Begin at this place: \(CountedPoint.words).")
  var from: CountedPoint?

  @Option(parsing: .unconditional, help: "End at this place.")
  var to: CountedPoint?

  @Option(
    name: .short,
    help: """
      Write the trace or what --as makes of it to a file; .ringtext is text, .pcapng is for Wireshark, \
      .perfetto-trace for ui.perfetto.dev.
      """)
  var write: String?

  @Option(
    help: "Write what the guests did to this folder, as scenarios for ringside fuzz and explain.")
  var scenarios: String?

  @OptionGroup var diagnosis: DiagnosisOptions
  @OptionGroup var redaction: RedactionOptions
  @OptionGroup var capture: CaptureOptions

  @OptionGroup var output: OutputOptions

  /// What is asked for of that which is done with whole traces.
  private var deeds: [String] {
    var deeds: [String] = []
    if diagnosis.isWanted { deeds.append("--diagnose") }
    if redaction.checkRedaction { deeds.append("--check-redaction") }
    if let source = form.source { deeds.append("--as \(source.rawValue)") }
    return deeds
  }

  func validate() throws {
    let isPart = from != nil || to != nil
    let isWritten = write != nil && (form.source == nil || redaction.redaction != nil)
    let isOther = isWritten || form.isText
    if let deed = deeds.first, isPart || isOther || scenarios != nil || deeds.count > 1 {
      throw ValidationError("\(deed) takes whole traces, and nothing else is done with them")
    }
    guard scenarios == nil || !isOther else {
      throw ValidationError("--scenarios goes with neither --text nor -w")
    }
    guard redaction.redaction == nil || write != nil else {
      throw ValidationError("what is left out or replaced is said with -w")
    }
    if write != nil, from != nil {
      throw ValidationError(
        "-w keeps the state that the trace begins with; --from would cut it off")
    }
    if write != nil, form.isText { throw ValidationError("-w and --text exclude each other") }
  }

  func run() throws {
    let inputs = try traces.flatMap { try TraceInput.all($0) }.map(capture.taken)
    guard write == nil || inputs.count == 1 else {
      throw ValidationError("-w takes one trace, there are \(inputs.count)")
    }
    if diagnosis.isWanted { return try diagnosis.diagnose(inputs, output) }
    if redaction.checkRedaction { return try redaction.check(inputs, output) }
    if let scenarios { return try put(inputs, in: scenarios) }
    if let source = form.source {
      return try SourceExport(inputs, as: source, to: write).run(output)
    }
    for input in inputs { try show(input) }
  }

  /// Writes scenarios, numbered through all traces.
  private func put(_ inputs: [TraceInput], in folder: String) throws {
    try WritableFolder.make(folder, for: "scenarios")
    var count = 0
    for input in inputs {
      let before = count
      try input.forEachScenario(from: from, to: to) { scenario throws(CommandFailure) in
        count += 1
        let number = String(repeating: "0", count: max(0, 4 - "\(count)".count)) + "\(count)"
        try OutputFile.write(Array(scenario.text.utf8), to: "\(folder)/\(number).scenario")
      }
      output.tell("\(input.name): \(count - before) scenarios in \(folder)")
      output.emit(ScenariosSummary(trace: input.name, scenarios: count - before, folder: folder))
    }
  }

  private func show(_ input: TraceInput) throws {
    let viewer = TraceViewer(input, from: from, to: to)
    if let write {
      viewer.target = .file(write)
      viewer.redaction = redaction.redaction
    } else if form.isText {
      viewer.target = output.isJSON ? .objects : .text
    }
    let summary = try viewer.run()
    summary.lines.forEach(form.isText ? Console.note : output.tell)
    output.emit(summary)
    if summary.isTruncated { Console.note("ringside: \(input.truncation)") }
  }
}

/// How many scenarios a trace gave, for programs.
private struct ScenariosSummary: Encodable {
  var trace: String
  var scenarios: Int
  var folder: String
}
