internal import ArgumentParser
internal import Netback
internal import Netif
internal import Replayer

/// `ringside replay`: what was recorded, once more, into the Swift netback.
struct Replay: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Replays traces into a netback and compares what it does.",
    discussion: """
      Example:
        ringside replay vif5.0.ringtrace
        ringside replay Corpus/field --profile netif
        ringside replay vif5.0.ringtrace --path all
        ringside replay vif5.0.ringtrace --pace recorded --loop 10
        ringside replay vif5.0.ringtrace --from 12.5s --to 13s --queue 0
        ringside replay vif5.0.ringtrace --step --from tx:513
        ringside replay vif5.0.ringtrace vif6.0.ringtrace --together clock
        ringside replay vif5.0.ringtrace --on vif
      """
  )

  @Argument(help: "Traces, folders of traces (*.ringtrace, *.ringtext), or - for standard input.")
  var traces: [String]

  @Option(
    help: """
      Where: sim, the simulation; xen, the grant devices of this domain; vif, in front of the backend, \
      whichever it is, that takes a vif of this domain.
      """
  )
  var on = WorldName.sim

  @Option(help: "Judge the guest by these rules instead of the trace's: linux or netif.")
  var profile: ProfileName?

  @Option(
    help: "Come at the guest's data this way: \(PathName.words); all for each in turn, and a table."
  )
  var path = PathChoice.copy

  @OptionGroup var part: PartOptions
  @Option(
    help: ArgumentHelp(
      "Replay all traces at once: clock, by the clock of their host; start, all begin together.",
      valueName: "alignment"))
  var together: AlignmentName?

  @OptionGroup var repetition: RepetitionOptions
  @OptionGroup var step: StepOptions
  @OptionGroup var live: LiveOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    try live.check(on, isChanged: profile != nil || path != .copy, by: path)
    try repetition.validate(traces, byAllPaths: path.isAll)
    try step.validate(traces, repetition, byAllPaths: path.isAll)
    guard on != .vif || !part.isWanted && !step.isWanted && together == nil else {
      throw ValidationError(
        "--on vif takes whole traces: without --from, --to, --queue, --step and --together.")
    }
    guard together == nil || !step.isWanted && !path.isAll else {
      throw ValidationError("--together goes with neither --step nor --path all.")
    }
    guard path.isAll, traces.contains("-") else { return }
    throw ValidationError(
      "Standard input can be read once only; name a file, or one path instead of all.")
  }

  func run() throws {
    let inputs = try traces.flatMap { try TraceInput.all($0) }
    try step.validate(inputs)
    // Who walks may leave at once.
    if !step.isWanted { Interruption.watch() }
    if let together { return try replay(inputs, by: together.alignment) }
    try repetition.validate(inputs)
    var sum = ReplaySum()
    for input in inputs where !Interruption.isRequested {
      do throws(CommandFailure) { try replay(input, into: &sum) } catch {
        guard inputs.count > 1 else { throw error }
        Console.note("ringside: \(error.message)")
        sum.add(error)
      }
    }
    if inputs.count > 1, !path.isAll { output.tell(sum.line) }
    try sum.conclude()
  }

  private func replay(
    _ input: TraceInput, into sum: inout ReplaySum
  ) throws(CommandFailure) {
    switch path {
    case .one(let path):
      let report = try replay(input, by: path)
      sum.add(report)
      show(report, of: input, by: path)
    case .all: try compare(input, into: &sum)
    }
  }

  /// Replays a trace by each path.
  private func compare(
    _ input: TraceInput, into sum: inout ReplaySum
  ) throws(CommandFailure) {
    var comparison = PathComparison()
    for path in DataPath.allCases where !Interruption.isRequested {
      let report = try replay(input, by: path)
      Console.endProgress()
      sum.add(report)
      comparison.add(path, report)
      output.emit(ReplaySummary(input.name, report, by: path))
    }
    comparison.lines(input.name).forEach(output.tell)
  }

  private func replay(
    _ input: TraceInput, by path: DataPath
  ) throws(CommandFailure) -> ReplayReport {
    let options = try options(path, of: input)
    if step.isWanted { return try on.walk(input, options, tell: output.tell) }
    return try repetition.run(input.name) { title, pacer throws(CommandFailure) in
      try on.replay(input, options: options, live: live, pacer: pacer, title: title)
    }
  }

  /// How a trace is replayed by a path.
  func options(
    _ path: DataPath, of input: TraceInput
  ) throws(CommandFailure) -> ReplayOptions {
    var options = ReplayOptions(profile: profile?.profile, path: path)
    try part.restrict(&options, to: input)
    return options
  }

  private var sides: ReplaySides { live.against?.sides ?? ReplaySides() }

  /// Tells a verdict.
  func show(_ report: ReplayReport, of input: TraceInput, by path: DataPath) {
    Console.endProgress()
    report.lines(input.name, sides).forEach(output.tell)
    output.emit(ReplaySummary(input.name, report, by: on == .vif ? nil : path, sides))
    if report.isTruncated { Console.note("ringside: \(input.truncation)") }
  }
}

/// What several replays came to together.
struct ReplaySum {
  private(set) var files = 0
  private(set) var total = ReplayReport()
  private var failures: [ExitStatus] = []

  /// Adds a replay.
  mutating func add(_ report: ReplayReport) {
    files += 1
    total.add(report)
  }

  /// Adds a trace that could not be replayed.
  mutating func add(_ failure: CommandFailure) { failures.append(failure.status) }

  /// The numbers as people read them.
  var line: String { "\(files) traces: \(total.counts)" }

  /// Ends the command.
  func conclude() throws(CommandFailure) {
    if let status { throw CommandFailure(status, words) }
  }

  /// How the command is to end; nil for well.
  var status: ExitStatus? {
    failures.max { $0.rawValue < $1.rawValue } ?? (total.isFaithful ? nil : .finding)
  }

  /// Why, in a line.
  var words: String {
    failures.isEmpty
      ? "the replay diverged from the recording at \(total.diverged) events"
      : "\(failures.count) of \(failures.count + files) traces could not be replayed"
  }
}
