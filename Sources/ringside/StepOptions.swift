internal import ArgumentParser
internal import Replayer

/// A replay that somebody walks through.
struct StepOptions: ParsableArguments {
  @Flag(
    name: .customLong("step"),
    help: "Walk through one trace, event by event, with both sides of its rings shown.")
  var isWanted = false

  /// Refuses what does not go together.
  func validate(_ traces: [String], _ repetition: RepetitionOptions, byAllPaths: Bool) throws {
    guard isWanted else { return }
    if traces.contains("-") {
      throw ValidationError("Standard input has what is said to --step; name a file.")
    }
    if repetition.isWanted || byAllPaths {
      throw ValidationError("--step goes with none of --pace, --loop and --path all.")
    }
  }

  /// Refuses more than one trace.
  func validate(_ inputs: [TraceInput]) throws {
    guard isWanted, inputs.count != 1 else { return }
    throw ValidationError("--step takes one trace, there are \(inputs.count)")
  }
}

extension WorldName {
  /// Replays a trace in a world of its own as somebody says on standard input.
  func walk(
    _ input: TraceInput, _ options: ReplayOptions, tell: @escaping (String) -> Void
  ) throws(CommandFailure) -> ReplayReport {
    var options = options
    // Somebody who walks sees each.
    options.keptDivergences = .max
    let source = try input.binary()
    let world = try world()
    do throws(ReplayError) {
      var walk = StepWalk(try Playback(source, in: world, options: options), tell: tell)
      return try walk.run()
    } catch { throw failure(error, of: input, source) }
  }
}
