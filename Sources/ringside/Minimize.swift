internal import ArgumentParser
internal import Fuzzer
internal import TraceFormat
internal import XenRing

/// `ringside minimize`: the smallest scenario that fails in the same way.
struct Minimize: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Makes a failing scenario small.",
    discussion: """
      Packets, steps and numbers are left out or made plain as long as the scenario fails in the same \
      way. What comes out is 1-minimal: with any step left out it does not. It is text, one step on a line.

      A scenario is a file in the text form, or any octets, such as a crash file of ringside-fuzz. One that ends \
      the process that plays it is played by an engine, each time in a process of its own.

      Example:
        ringside minimize crash-8f3a
        ringside minimize crash-8f3a -w small.scenario --tries 10
        ringside minimize crash-8f3a -w small.ringtrace
        ringside minimize crash-8f3a --engine ./ringside-fuzz --for 60s
      """
  )

  @Argument(help: "A scenario: text, a crash file, or - for standard input.")
  var file: String

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
  }

  func run() throws {
    Interruption.watch()
    let input = file == "-" ? TraceInput.standardInput : .file(file)
    let scenario = try input.scenario()
    let minimizer = ScenarioMinimizer(scenario, tries: tries, play: try play())
    guard var minimizer else {
      let times = tries == 1 ? "once" : "\(tries) times"
      throw CommandFailure(
        .badInput, "\(input.name): does not fail, played \(times): nothing to make smaller")
    }
    let deadline = Deadline(seconds: time?.seconds)
    minimizer.minimize { !deadline.isOver && !Interruption.isRequested }
    try put(minimizer.scenario)
    let result = MinimizeResult(minimizer, of: scenario)
    Console.note(
      "\(result.steps) of \(result.before) steps, \(result.runs) runs; failed \(result.confirmed) of "
        + "\(tries): \(minimizer.failure.finding)")
    output.emit(result)
  }

  private func play() throws(CommandFailure) -> ScenarioMinimizer.Play {
    let way = way.way
    guard let engine else { return { ScenarioPlayer.failure(of: $0, by: way) } }
    let player = try EnginePlayer(FuzzEngine(path: engine, options: self.way.words))
    return { player.failure(of: $0) }
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
    signature = minimizer.failure.finding.signature
    finding = "\(minimizer.failure.finding)"
    self.scenario = minimizer.scenario.text
  }
}
