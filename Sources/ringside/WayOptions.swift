internal import ArgumentParser
internal import Fuzzer

/// In which way scenarios are played here.
struct WayOptions: ParsableArguments {
  @Option(help: "Let the data of packets come by this path: \(ScenarioPathName.words).")
  var path = ScenarioPathName.copy

  @Flag(help: "Hold each frame until the rest of its step is done.")
  var hold = false

  var way: ScenarioWay { ScenarioWay(path.path, holds: hold) }

  /// The same as words for an engine, or as they are typed.
  var words: [String] { path.words + (hold ? ["--hold"] : []) }
}

/// A path by which scenarios are played, as it is said on the command line.
struct ScenarioPathName: ExpressibleByArgument {
  static let copy = ScenarioPathName(path: .copy)
  /// All names, as a help text lists them.
  static var words: String {
    allValueStrings.dropLast().joined(separator: ", ") + " or " + (allValueStrings.last ?? "")
  }
  static var allValueStrings: [String] { ScenarioPath.allCases.map(\.rawValue) }

  let path: ScenarioPath
  var defaultValueDescription: String { path.rawValue }
  /// The option that says it; none for the default.
  var words: [String] { path == .copy ? [] : ["--path=\(path.rawValue)"] }

  init(path: ScenarioPath) { self.path = path }

  init?(argument: String) {
    guard let path = ScenarioPath(rawValue: argument) else { return nil }
    self.path = path
  }
}
