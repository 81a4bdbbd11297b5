internal import ArgumentParser
internal import Netback
internal import Netif
internal import Replayer

/// `ringside replay`: what was recorded, once more, into the Swift netback.
struct Replay: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Replays traces into the Swift netback and compares what it does.",
    discussion: """
      Example:
        ringside replay vif5.0.ringtrace
        ringside replay Corpus/field --profile netif
      """
  )

  @Argument(help: "Traces, folders of traces (*.ringtrace, *.ringtext), or - for standard input.")
  var traces: [String]

  @Option(help: "Where: sim, the simulation, or xen, the grant devices of this domain.")
  var on = WorldName.sim

  @Option(help: "Judge the guest by these rules instead of the trace's: linux or netif.")
  var profile: ProfileName?

  @Option(help: "Come at the guest's data this way: \(PathName.words).")
  var path = PathName.copy

  @OptionGroup var output: OutputOptions

  func run() throws {
    let inputs = try traces.flatMap { try TraceInput.all($0) }
    Interruption.watch()
    var sum = ReplaySum()
    for input in inputs where !Interruption.isRequested {
      do throws(CommandFailure) {
        let report = try on.replay(
          input, options: ReplayOptions(profile: profile?.profile, path: path.path))
        sum.add(report)
        show(report, of: input)
      } catch {
        guard inputs.count > 1 else { throw error }
        Console.note("ringside: \(error.message)")
        sum.add(error)
      }
    }
    if inputs.count > 1 { output.tell(sum.line) }
    guard let status = sum.status else { return }
    throw CommandFailure(status, sum.words)
  }

  private func show(_ report: ReplayReport, of input: TraceInput) {
    Console.endProgress()
    report.lines(input.name).forEach(output.tell)
    output.emit(ReplaySummary(input.name, report))
    if report.isTruncated { Console.note("ringside: \(input.truncation)") }
  }
}

/// What several replays came to together.
struct ReplaySum {
  private var files = 0
  private var total = ReplayReport()
  private var failures: [ExitStatus] = []

  /// Adds a replay.
  mutating func add(_ report: ReplayReport) {
    files += 1
    total.recorded += report.recorded
    total.replayed += report.replayed
    total.matched += report.matched
    total.diverged += report.diverged
  }

  /// Adds a trace that could not be replayed.
  mutating func add(_ failure: CommandFailure) { failures.append(failure.status) }

  /// The numbers as people read them.
  var line: String { "\(files) traces: \(total.counts)" }

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
