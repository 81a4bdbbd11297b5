internal import ArgumentParser
internal import Netback

/// A way in which the guest's data comes, as it is said on the command line.
struct PathName: ExpressibleByArgument {
  static let copy = PathName(path: .copy)
  /// All names, as a help text lists them.
  static var words: String {
    allValueStrings.dropLast().joined(separator: ", ") + " or " + (allValueStrings.last ?? "")
  }
  static var allValueStrings: [String] { DataPath.allCases.map(\.rawValue) }

  var path: DataPath
  var defaultValueDescription: String { path.rawValue }

  init(path: DataPath) { self.path = path }

  init?(argument: String) {
    guard let path = DataPath(rawValue: argument) else { return nil }
    self.path = path
  }
}
