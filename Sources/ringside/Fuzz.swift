internal import ArgumentParser
internal import Fuzzer

/// `ringside fuzz`: runs the fuzz engine, and keeps what it finds.
struct Fuzz: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Fuzzes the Swift netback until something is found or the time is over.",
    discussion: """
      The engine is ringside-fuzz, a program beside this one (make fuzzer). What it finds is made small and \
      kept in the folder of findings: as text, which ringside explain tells step by step, as a trace, which \
      ringside replay replays, and as the octets that the engine plays again. Findings with the same signature \
      are kept once.

      Example:
        ringside fuzz --for 60s
        ringside fuzz --target control --runs 1000000 --seed 7
        ringside fuzz --for 10m --jobs 2 --corpus corpus --junit fuzz.xml
        ringside fuzz --for 60s --seeds vif5.0.ringtrace
        ringside fuzz --for 60s --path map
      """
  )

  @Option(help: "What is fuzzed: \(FuzzedPart.names).")
  var target = FuzzedPart.tx

  @Option(name: .customLong("for"), help: "How long: a number and s, m or h.")
  var time: FuzzDuration?

  @Option(help: "How many executions, for each job.")
  var runs: Int?

  @Option(help: "How many engines side by side.")
  var jobs = 1

  @Option(
    help: "The folder of inputs that the engines start from and add to; none is kept otherwise.")
  var corpus: String?

  @Option(
    name: .customLong("seeds"),
    help:
      "A trace, a scenario's text or a folder of either, from which the engines start too; may be repeated."
  )
  var seeds: [String] = []

  @Option(help: "The first job's seed; each further job has one more.")
  var seed: UInt32 = 1

  @Option(help: "Where findings are kept.")
  var findings = "findings"

  @Option(
    help:
      "Fail if less than this share of executions, in percent, delivers something, or a rule is not met from both sides."
  )
  var reach: Int?

  @Option(help: "The engine, when it is not beside this program.")
  var engine: String?

  @Option(help: "Write a JUnit report to this file.")
  var junit: String?

  @Option(help: "Write a SARIF report to this file.")
  var sarif: String?

  @OptionGroup var way: WayOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    guard time != nil || runs != nil else { throw ValidationError("Say --for or --runs.") }
    guard runs.map({ $0 > 0 }) ?? true else { throw ValidationError("--runs takes 1 or more.") }
    guard 1...64 ~= jobs else { throw ValidationError("--jobs takes a number from 1 to 64.") }
    guard reach.map({ 0...100 ~= $0 }) ?? true else {
      throw ValidationError("--reach takes a share from 0 to 100.")
    }
    guard seeds.isEmpty || target.hasScenarios else {
      throw ValidationError("--seeds are scenarios; --target \(target.rawValue) is not about them.")
    }
    guard way.words.isEmpty || target.stage == .rings else {
      throw ValidationError(
        "--path and --hold are about the data of rings; --target \(target.rawValue) is not.")
    }
  }

  func run() throws {
    Interruption.watch()
    if let corpus { try WritableFolder.make(corpus, for: "inputs") }
    let start = try seeds.isEmpty ? nil : SeedFolder(seeds, for: target)
    let engine = try FuzzEngine(path: engine, options: options(start))
    let folder = try FindingFolder(findings, target: target, way: way, engine: engine)
    let session = FuzzSession(try engine.start(jobs: jobs, seed: seed))
    let result = withExtendedLifetime(start) { session.watch() }
    var (kept, failure) = ([KeptFinding](), CommandFailure?.none)
    for finding in result.findings {
      do throws(CommandFailure) { kept.append(try folder.keep(finding)) } catch { failure = error }
    }
    try report(result, kept, failure)
  }

  private func options(_ start: SeedFolder?) -> [String] {
    var options = [
      "--target=\(target.rawValue)", "--tell", "-use_value_profile=1", "-max_len=4096",
      "-print_final_stats=1", "-timeout=20",
    ]
    options += way.words
    if let reach { options.append("--reach=\(reach)") }
    if let time { options.append("-max_total_time=\(time.seconds)") }
    if let runs { options.append("-runs=\(runs)") }
    // The first folder is the one that inputs are added to.
    return options + [corpus, start?.path].compactMap(\.self)
  }

  /// - Parameter failure: why a finding was not kept.
  private func report(
    _ result: FuzzResult, _ kept: [KeptFinding], _ failure: CommandFailure?
  ) throws {
    let reports = FuzzReports(target: target, result: result, kept: kept)
    if let junit { try OutputFile.write(Array(reports.junit.utf8), to: junit) }
    if let sarif { try OutputFile.write(Array(reports.sarif.utf8), to: sarif) }
    output.tell(result.summary(of: target))
    for finding in kept {
      output.tell("\(finding.signature): \(finding.command)")
      if let replay = finding.replay { output.tell("    its trace: \(replay)") }
    }
    output.emit(reports.summary)
    if let failure { throw failure }
    if let lost = result.lost.first {
      throw CommandFailure(
        .refused,
        "an engine found something (\(lost)) and could not save it; is the disk of TMPDIR full?")
    }
    if !kept.isEmpty {
      throw CommandFailure(.finding, "\(kept.count) findings in \(findings)")
    }
    if let complaint = result.complaint { throw CommandFailure(.finding, complaint) }
  }
}

/// What can be fuzzed.
enum FuzzedPart: String, CaseIterable, ExpressibleByArgument {
  case tx, rx, control, xenbus, trace, text, replay

  static var names: String { allCases.map(\.rawValue).joined(separator: ", ") }

  /// Whether its inputs are scenarios.
  var hasScenarios: Bool { stage != nil }

  /// What these are about.
  var stage: ScenarioStage? { ScenarioTarget(rawValue: rawValue)?.stage }
}

/// A time as it is said on the command line.
struct FuzzDuration: ExpressibleByArgument {
  let seconds: Int

  init?(argument: String) {
    let units: [Character: Int] = ["s": 1, "m": 60, "h": 3600]
    guard let unit = argument.last.flatMap({ units[$0] }), let count = Int(argument.dropLast()),
      1...1_000_000 ~= count
    else { return nil }
    seconds = count * unit
  }
}
