internal import Foundation
internal import Testing

/// One run of the built `ringside`, which lies beside the tests.
struct CommandRun {
  var code: Int32
  var output: String
  var errors: String

  /// Runs the command to its end; `input` is its standard input.
  init(_ arguments: String..., input: Data = Data()) throws {
    try self.init(arguments, input: input)
  }

  /// Runs the command to its end; `input` is its standard input.
  init(_ arguments: [String], input: Data = Data()) throws {
    let files = try ScratchFolder()
    let process = Process()
    process.executableURL = Self.program
    process.arguments = arguments
    process.standardInput = try files.handle("input", containing: input)
    process.standardOutput = try files.handle("output")
    process.standardError = try files.handle("errors")
    try process.run()
    process.waitUntilExit()
    code = process.terminationStatus
    output = try files.text("output")
    errors = try files.text("errors")
  }

  /// The built command.
  static var program: URL {
    URL(filePath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
      .appending(path: "ringside")
  }
}

/// A folder of its own that goes away with the value.
final class ScratchFolder {
  let url: URL

  init() throws {
    url = FileManager.default.temporaryDirectory.appending(path: "ringside-\(UUID())")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(at: url) }

  /// The path of a file in it.
  func path(_ name: String) -> String { url.appending(path: name).path }

  /// Writes a file and returns its path.
  func write(_ name: String, _ octets: Data) throws -> String {
    try octets.write(to: url.appending(path: name))
    return path(name)
  }

  func text(_ name: String) throws -> String {
    try String(decoding: Data(contentsOf: url.appending(path: name)), as: UTF8.self)
  }

  /// Makes a file and opens it.
  fileprivate func handle(_ name: String, containing octets: Data = Data()) throws -> FileHandle {
    try FileHandle(forUpdating: URL(filePath: write(name, octets)))
  }
}

/// Looks again and again, for some minutes: a machine may be busy with other tests.
func awaitEvent(_ hasCome: () -> Bool) throws {
  for _ in 0..<30_000 where !hasCome() { Thread.sleep(forTimeInterval: 0.01) }
  try #require(hasCome())
}
