internal import ArgumentParser
internal import Replayer

/// Which part of a trace is replayed.
struct PartOptions: ParsableArguments {
  @Option(
    help: """
      Judge from this place on: \(EventPoint.words). What is before it only brings the vifs to where \
      they stand there.
      """)
  var from: EventPoint?

  @Option(help: "End at this place.")
  var to: EventPoint?

  @Option(
    help: ArgumentHelp(
      "Replay this queue, of each vif or of one (0.1), and leave others out; more than once for several.",
      valueName: "queue"))
  var queue: [QueueName] = []

  /// Puts it into the options of a replay.
  func restrict(_ options: inout ReplayOptions) {
    options.from = from?.point
    options.to = to?.point
    options.queues = queue.map(\.choice)
  }
}

extension QueueChoice {
  /// As people read it.
  var words: String { "queue \(queue)" + (vif.map { " of vif \($0)" } ?? "") }
}
