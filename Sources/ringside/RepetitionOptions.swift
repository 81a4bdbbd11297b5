internal import ArgumentParser
internal import Replayer

/// How fast the events of a replay come, and how often all of it is done again.
struct RepetitionOptions: ParsableArguments {
  @Option(
    help: """
      When events happen: fast, as soon as they can; recorded, at their times in the trace; xN, \
      N times as fast as recorded (x2, x0.5).
      """)
  var pace = PaceName.fast

  @Option(
    help: ArgumentHelp(
      "Replay each trace so often, each time from its beginning; 0 goes on until Ctrl-C.",
      valueName: "times"))
  var loop: UInt64 = 1

  /// Whether anything but once, as fast as can be, is asked for.
  var isWanted: Bool { loop != 1 || pace.speed != nil }

  /// Refuses what does not go together.
  func validate(_ traces: [String], byAllPaths: Bool) throws {
    if byAllPaths, isWanted {
      throw ValidationError("--path all goes with neither --pace nor --loop; choose one path.")
    }
    if loop != 1, traces.contains("-") {
      throw ValidationError("Standard input can be read once only; --loop needs a file.")
    }
  }

  /// Refuses what would never come to the second trace.
  func validate(_ inputs: [TraceInput]) throws {
    guard loop == 0, inputs.count > 1 else { return }
    throw ValidationError(
      "--loop 0 takes one trace, or several with --together: the first would never end")
  }

  /// Replays what is named so, as often and as fast as it was said.
  ///
  /// - Parameter replay: does it once, under a title for its progress.
  /// - Returns: the account of each trace, and how late events were.
  func rounds(
    _ name: String,
    _ replay: (_ title: String, Pacer?) throws(CommandFailure) -> [ReplayReport]
  ) throws(CommandFailure) -> ([ReplayReport], Lateness?) {
    let pacer = pace.speed.map { Pacer($0, by: SteadyClock()) }
    var sums = try replay(name, pacer)
    var rounds: UInt64 = 1
    while rounds != loop, !Interruption.isRequested {
      rounds += 1
      pacer?.beginRound()
      let reports = try replay("\(name), round \(rounds)", pacer)
      for (place, report) in reports.enumerated() { sums[place].add(report) }
    }
    return (sums, pacer?.lateness)
  }

  /// The same for one trace.
  func run(
    _ name: String,
    _ replay: (_ title: String, Pacer?) throws(CommandFailure) -> ReplayReport
  ) throws(CommandFailure) -> ReplayReport {
    let (reports, lateness) = try rounds(name) { title, pacer throws(CommandFailure) in
      [try replay(title, pacer)]
    }
    var report = reports[0]
    report.lateness = lateness
    return report
  }
}

/// A pace as it is said on the command line.
struct PaceName: ExpressibleByArgument {
  static let fast = PaceName(speed: nil)
  static var allValueStrings: [String] { ["fast", "recorded", "xN"] }

  /// None for as fast as can be.
  let speed: ReplaySpeed?
  var defaultValueDescription: String { "fast" }

  private init(speed: ReplaySpeed?) { self.speed = speed }

  init?(argument: String) {
    switch argument {
    case "fast": speed = nil
    case "recorded": speed = .recorded
    default:
      guard argument.hasPrefix("x"), let factor = Double(argument.dropFirst()),
        let speed = ReplaySpeed(factor)
      else { return nil }
      self.speed = speed
    }
  }
}
