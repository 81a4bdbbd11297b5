internal import ArgumentParser
internal import Replayer

/// Which part of a trace is replayed.
struct PartOptions: ParsableArguments {
  @Option(
    parsing: .unconditional,
    help: """
      Judge from this place on: \(CountedPoint.words). What is before it only brings the vifs to where \
      they stand there.
      """)
  var from: CountedPoint?

  @Option(parsing: .unconditional, help: "End at this place.")
  var to: CountedPoint?

  @Option(
    help: ArgumentHelp(
      "Replay this queue, of each vif or of one (0.1), and leave others out; more than once for several.",
      valueName: "queue"))
  var queue: [QueueName] = []

  /// Whether less than a whole trace is meant.
  var isWanted: Bool { from != nil || to != nil || !queue.isEmpty }

  /// Puts it into the options of a replay of a trace.
  func restrict(
    _ options: inout ReplayOptions, to input: TraceInput
  ) throws(CommandFailure) {
    let range = try input.range(from: from, to: to)
    options.from = range.from
    options.to = range.to
    options.queues = queue.map(\.choice)
  }
}

extension QueueChoice {
  /// As people read it.
  var words: String { "queue \(queue)" + (vif.map { " of vif \($0)" } ?? "") }
}
