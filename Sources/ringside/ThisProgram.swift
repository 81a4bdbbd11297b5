internal import Foundation

/// The program that runs.
enum ThisProgram {
  /// Its file, by whatever name and path it was called.
  static var file: URL { URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath() }
}
