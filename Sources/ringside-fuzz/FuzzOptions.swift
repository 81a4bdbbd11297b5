#if TWINS
  internal import FaultyTwins
#endif
internal import Fuzzer

/// What a run is about. libFuzzer leaves options that begin with two dashes alone.
struct FuzzOptions {
  /// What is fuzzed.
  var target = FuzzTarget.scenario(.tx)
  /// Executions in a hundred that must deliver something; the run fails with fewer, and with a rule that was
  /// not met from both sides. `nil` when nothing is asked.
  var reach: Int?
  /// Whether every input is the same, an honest packet: what an execution costs by itself.
  var isStill = false
  /// Whether to say each second how far it is.
  var tells = false
  /// The netback that is fuzzed.
  private(set) var players = ScenarioPlayers()

  init() {}

  /// Reads them. A farm has a program for each target, which says by its name what that is.
  init(_ arguments: [String]) throws(FuzzUsage) {
    let name = arguments.first?.split(separator: "-").last.map(String.init) ?? ""
    if let named = FuzzTarget(name: name) { target = named }
    var seam = ScenarioSeam()
    for argument in arguments.dropFirst() where argument.hasPrefix("--") {
      let parts = argument.split(separator: "=", maxSplits: 1).map(String.init)
      switch (parts[0], parts.count == 2 ? parts[1] : "") {
      case ("--target", let name):
        guard let named = FuzzTarget(name: name) else { throw FuzzUsage(target: name) }
        target = named
      case ("--reach", let share):
        guard let percent = Int(share), 0...100 ~= percent else {
          throw FuzzUsage(message: "--reach takes a share in percent, not \"\(share)\"")
        }
        reach = percent
      case ("--path", let name):
        guard let path = ScenarioPath(rawValue: name) else { throw FuzzUsage(path: name) }
        seam.way.path = path
      case ("--hold", ""): seam.way.holds = true
      case ("--still", ""): isStill = true
      case ("--tell", ""): tells = true
      #if TWINS
        case ("--twin", let name): seam = try take(twin: name)
      #endif
      default: throw FuzzUsage(message: "there is no option \(argument)")
      }
    }
    players = ScenarioPlayers(seam)
  }
}

#if TWINS
  extension FuzzOptions {
    /// Fuzzes a netback with an old fault, by the ring and in the way that show it.
    private mutating func take(twin name: String) throws(FuzzUsage) -> ScenarioSeam {
      guard let twin = FaultyTwin.all.first(where: { $0.name == name }) else {
        let names = FaultyTwin.all.map(\.name).joined(separator: ", ")
        throw FuzzUsage(message: "there is no twin \"\(name)\"; there are \(names)")
      }
      target = .scenario(twin.target)
      return twin.seam
    }
  }
#endif

/// Something that was wrongly said on the command line.
struct FuzzUsage: Error {
  var message: String

  init(message: String) { self.message = message }

  init(target: String) {
    let names = FuzzTarget.all.map(\.name).joined(separator: ", ")
    message = "there is no target \"\(target)\"; there are \(names)"
  }

  init(path: String) {
    let names = ScenarioPath.allCases.map(\.rawValue).joined(separator: ", ")
    message = "there is no path \"\(path)\"; there are \(names)"
  }
}

/// What can be fuzzed.
enum FuzzTarget: Equatable {
  /// The netback, by one of its rings.
  case scenario(ScenarioTarget)
  /// The trace reader.
  case trace
  /// The text form's reader.
  case text
  /// What is made of a trace: replays above all.
  case replay

  static let all = ScenarioTarget.allCases.map(FuzzTarget.scenario) + [.trace, .text, .replay]

  init?(name: String) {
    guard let target = Self.all.first(where: { $0.name == name }) else { return nil }
    self = target
  }

  var name: String {
    switch self {
    case .scenario(let target): target.rawValue
    case .trace: "trace"
    case .text: "text"
    case .replay: "replay"
    }
  }
}
