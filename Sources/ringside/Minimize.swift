internal import ArgumentParser
internal import Fuzzer
internal import TraceFormat
internal import XenRing

/// `ringside minimize`: the smallest scenario that fails in the same way.
struct Minimize: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Makes a scenario small that fails, or that has the guest cut off.",
    discussion: """
      Packets, steps and numbers are left out or made plain as long as the scenario fails in the same \
      way, or has the guest cut off by the same rule. What comes out is 1-minimal: with any step left out it \
      does not. It is text, one step on a line.

      A scenario is a file in the text form, or any octets, such as a crash file of ringside-fuzz; of a trace it is \
      the first one that fails or cuts off. One that ends the process that plays it is played by an engine, each \
      time in a process of its own.

      Example:
        ringside minimize crash-8f3a
        ringside minimize vif5.0.ringtrace --cut-off -w small.scenario
        ringside minimize crash-8f3a -w small.scenario --tries 10
        ringside minimize crash-8f3a -w small.ringtrace
        ringside minimize crash-8f3a --engine ./ringside-fuzz --for 60s
      """
  )

  @Argument(help: "A scenario: text, a crash file, or - for standard input; or a trace.")
  var file: String

  @Flag(help: "Keep that the guest is cut off, not what our netback does that it must not.")
  var cutOff = false

  @Option(
    name: .shortAndLong,
    help:
      "Write the result to this file instead of standard output; one that ends in .ringtrace is a trace."
  )
  var write: String?

  @Option(help: "How often a scenario is played before it is taken for one that does not fail.")
  var tries = 1

  @Option(name: .customLong("for"), help: "Stop after this time with the smallest so far.")
  var time: FuzzDuration?

  @Option(help: "Have this engine, a ringside-fuzz, play the scenario.")
  var engine: String?

  @OptionGroup var way: WayOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    guard 1...1000 ~= tries else { throw ValidationError("--tries takes a number from 1 to 1000.") }
    guard !cutOff || engine == nil else {
      throw ValidationError("--cut-off is played here: leave --engine out.")
    }
  }

  func run() throws {
    Interruption.watch()
    let input = file == "-" ? TraceInput.standardInput : .file(file)
    let play = try play()
    let first = try input.firstScenario { ScenarioMinimizer($0, tries: tries, play: play) }
    guard var minimizer = first else {
      throw CommandFailure(.badInput, "\(input.name): \(nothing)")
    }
    let scenario = minimizer.scenario
    let deadline = Deadline(seconds: time?.seconds)
    minimizer.minimize { !deadline.isOver && !Interruption.isRequested }
    try put(minimizer.scenario)
    let result = MinimizeResult(minimizer, of: scenario)
    let count = cutOff ? "" : "failed \(result.confirmed) of \(tries): "
    Console.note(
      "\(result.steps) of \(result.before) steps, \(result.runs) runs; \(count)\(minimizer.end)")
    output.emit(result)
  }

  /// Why nothing is made smaller.
  private var nothing: String {
    guard !cutOff else { return "no guest is cut off in it: nothing to make smaller" }
    let times = tries == 1 ? "once" : "\(tries) times"
    return
      "does not fail, played \(times): nothing to make smaller; --cut-off keeps that a guest is cut off"
  }

  private func play() throws(CommandFailure) -> ScenarioMinimizer.Play {
    let way = way.way
    guard !cutOff else { return { ScenarioEnd(cutOffIn: $0, by: way) } }
    guard let engine else { return { ScenarioEnd(ScenarioPlayer.failure(of: $0, by: way)) } }
    let player = try EnginePlayer(FuzzEngine(path: engine, options: self.way.words))
    return { ScenarioEnd(player.failure(of: $0)) }
  }

  private func put(_ scenario: Scenario) throws(CommandFailure) {
    guard let write else {
      if !output.isJSON { print(scenario.text, terminator: "") }
      return
    }
    guard write.hasSuffix(".ringtrace") else {
      return try OutputFile.write(Array(scenario.text.utf8), to: write)
    }
    guard engine == nil else {
      throw CommandFailure(
        .refused, "\(write): what ends its process leaves no trace; write a scenario")
    }
    try OutputFile.write(scenario.recorded(write, by: way.way).0, to: write)
  }
}

/// What became of a scenario, for programs.
private struct MinimizeResult: Encodable {
  var before: Int
  var steps: Int
  var runs: Int
  var confirmed: Int
  var signature: String
  var finding: String
  var scenario: String

  init(_ minimizer: ScenarioMinimizer, of scenario: Scenario) {
    before = scenario.steps.count
    steps = minimizer.scenario.steps.count
    runs = minimizer.runs
    confirmed = minimizer.confirmed
    signature = minimizer.end.signature
    finding = "\(minimizer.end)"
    self.scenario = minimizer.scenario.text
  }
}
