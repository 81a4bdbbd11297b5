internal import ArgumentParser
internal import Recorder

/// A number of octets in dumpcap's manner: `64M`, `512K`, `1G`.
struct OctetCount: ExpressibleByArgument {
  var octets: UInt64

  init?(argument: String) {
    let units: [Character: UInt64] = ["K": 1 << 10, "M": 1 << 20, "G": 1 << 30]
    guard let unit = argument.last.flatMap({ units[$0] }), let count = UInt64(argument.dropLast()),
      count > 0, count <= 1 << 20
    else { return nil }
    octets = count * unit
  }
}

/// What makes a flight recorder write, as it is said on the command line: `fatal,error,rate:1000/s`.
struct TriggerList: ExpressibleByArgument {
  /// What is wrong where a word is not known.
  static let words = "fatal, error, stall, rate:N/s and signal, with commas between them"

  var triggers = FlightTriggers()

  init?(argument: String) {
    for word in argument.split(separator: ",", omittingEmptySubsequences: false) {
      switch word {
      case "fatal": triggers.fatal = true
      case "error": triggers.error = true
      case "stall": triggers.stall = true
      case "signal": triggers.signal = true
      default:
        guard let rate = Self.rate(word) else { return nil }
        triggers.rate = rate
      }
    }
  }

  private static func rate(_ word: Substring) -> UInt64? {
    guard word.hasPrefix("rate:"), word.hasSuffix("/s"),
      let count = UInt64(word.dropFirst(5).dropLast(2)), count > 0
    else { return nil }
    return count
  }
}

/// `ringside record --flight`: how much is kept and what makes a file of it.
struct FlightArguments: ParsableArguments {
  /// Files that are kept unless `-b files:N` says otherwise.
  static let usualFiles = 10

  @Option(
    help: ArgumentHelp(
      "Keep the last events in so much memory, and write files around triggers into the folder of -w.",
      discussion: "1M to 16G, as in 64M.", valueName: "size"))
  var flight: OctetCount?

  @Option(
    help: ArgumentHelp(
      "With --flight: what makes a file, of \(TriggerList.words); fatal,signal if not said.",
      valueName: "triggers"))
  var trigger: TriggerList?

  @Option(
    help: ArgumentHelp(
      "With --flight: what came so long before a trigger is enough (60s); all that memory has if not said.",
      valueName: "time"))
  var before: TimeSpan?

  @Option(
    help: ArgumentHelp(
      "With --flight: go on for so long behind a trigger; 5s if not said.", valueName: "time"))
  var after: TimeSpan?

  @Flag(help: "With --flight and vifs of this host: say every ten seconds what it does and costs.")
  var stats = false

  /// Whether this is a flight recorder.
  var isWanted: Bool { flight != nil }

  func validate() throws {
    guard let flight else {
      guard trigger == nil, before == nil, after == nil, !stats else {
        throw ValidationError("--trigger, --before, --after and --stats go with --flight")
      }
      return
    }
    guard 1 << 20...16 << 30 ~= flight.octets else {
      throw ValidationError("--flight is 1M to 16G")
    }
  }

  /// The same for the recorder; nil without `--flight`.
  func options(files: Int?) -> FlightOptions? {
    guard let flight else { return nil }
    let usual = FlightTriggers(fatal: true, signal: true)
    return FlightOptions(
      memory: flight.octets, triggers: trigger?.triggers ?? usual, before: before?.nanoseconds,
      after: after?.nanoseconds ?? FlightOptions.usualAfter, files: files)
  }
}
