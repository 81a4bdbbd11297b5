internal import Foundation

/// A guide, and what a reader of it types.
struct GuideSession {
  /// A command, and what it prints according to the guide.
  struct Step {
    var command: String
    var printed: [String] = []

    /// What the printed lines stand for: `...` is any lines, within a line any octets.
    var pattern: String {
      printed.map { line in
        if line.trimmingCharacters(in: .whitespaces) == "..." { return "(.*\n)*?" }
        let parts = line.components(separatedBy: "...")
        return parts.map(NSRegularExpression.escapedPattern(for:)).joined(separator: ".*") + "\n"
      }.joined()
    }
  }

  /// The lines that begin with `$`, in order.
  private(set) var steps: [Step] = []
  /// Commands of ringside that want a Xen, each on a line of an indented block without `$`.
  private(set) var hostCommands: [String] = []
  /// What is quoted as Swift.
  private(set) var quotes: [String] = []

  /// Reads the guide of that name, or the README.
  init(_ name: String) throws {
    let text = try String(contentsOf: Self.file(name), encoding: .utf8)
    var isSession = false
    var quote: String?
    for line in text.components(separatedBy: "\n") {
      if line.hasPrefix("```") {
        if let quote, !quote.isEmpty { quotes.append(quote) }
        quote = quote == nil && line == "```swift" ? "" : nil
      } else if quote != nil {
        quote? += line + "\n"
      } else if line.hasPrefix("    ") {
        take(String(line.dropFirst(4)), isSession: &isSession)
      } else {
        isSession = false
      }
    }
  }

  /// Where it stands.
  static func file(_ name: String) -> URL {
    Repository.file(name == "README" ? "README.md" : "Documentation/Guides/\(name).md")
  }

  private mutating func take(_ line: String, isSession: inout Bool) {
    if line.hasPrefix("$ ") {
      isSession = true
      steps.append(Step(command: String(line.dropFirst(2))))
    } else if isSession, let last = steps.indices.last {
      if steps[last].command.hasSuffix("\\"), steps[last].printed.isEmpty {
        steps[last].command += "\n" + line
      } else {
        steps[last].printed.append(line)
      }
    } else if line.hasPrefix("ringside ") {
      hostCommands.append(line)
    }
  }

  /// Runs all steps in one shell and says what each printed, errors too.
  func run() throws -> [String] {
    let script = steps.map { "\($0.command)\ncode=$?; printf '\\036'; (exit $code)\n" }.joined()
    let outputs = try Self.shell(script).output.components(separatedBy: "\u{1e}")
    return Array(outputs.dropLast())
  }

  /// Runs a script of bash as a reader would, with the built programs on the path, in a folder that has of the
  /// repository its corpus, and the place where exported tests go.
  static func shell(_ script: String) throws -> (output: String, code: Int32) {
    let folder = try ScratchFolder()
    try FileManager.default.createSymbolicLink(
      at: folder.url.appending(path: "Corpus"), withDestinationURL: Repository.file("Corpus"))
    try FileManager.default.createDirectory(
      atPath: folder.path("Tests/FuzzerTests/Exported"), withIntermediateDirectories: true)
    let process = Process()
    process.executableURL = URL(filePath: "/bin/bash")
    process.arguments = ["-c", "exec 2>&1\n" + script]
    process.currentDirectoryURL = folder.url
    let programs = CommandRun.program.deletingLastPathComponent().path
    process.environment = [
      "PATH": programs + ":/usr/local/bin:/usr/bin:/bin:/usr/sbin", "LC_ALL": "C",
      // No machine boots here.
      "RINGSIDE_LAB": "/nonexistent",
    ]
    let pipe = Pipe()
    process.standardOutput = pipe
    process.standardInput = FileHandle.nullDevice
    try process.run()
    let output = try pipe.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    return (String(decoding: output, as: UTF8.self), process.terminationStatus)
  }
}

/// The sources that these tests are of.
enum Repository {
  /// A file or folder, by its path from the top.
  static func file(_ path: String) -> URL {
    URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../\(path)")
      .standardized
  }
}
