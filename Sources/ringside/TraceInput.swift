internal import FoundationEssentials
internal import TraceFiles
internal import TraceFormat

/// A trace that was named on the command line.
enum TraceInput: Hashable {
  case file(String)
  case standardInput
  /// What was made of the file.
  case made(of: String, [UInt8])

  /// Endings of the files that a folder is searched for: binary and text.
  static let endings = [".ringtrace", ".ringtext"]

  /// What one word names: `-`, a file, or all traces in a folder, sorted.
  static func all(
    _ word: String, endings: [String] = endings
  ) throws(CommandFailure) -> [TraceInput] {
    guard word != "-" else { return [.standardInput] }
    var isFolder = false
    guard FileManager.default.fileExists(atPath: word, isDirectory: &isFolder), isFolder else {
      return [.file(word)]
    }
    let names = (try? FileManager.default.subpathsOfDirectory(atPath: word)) ?? []
    let traces = names.filter { name in endings.contains { name.hasSuffix($0) } }.sorted()
    guard !traces.isEmpty else {
      throw CommandFailure(
        .badInput, "\(word): no traces in this folder (\(endings.joined(separator: ", ")))")
    }
    return traces.map { .file(word.hasSuffix("/") ? word + $0 : word + "/" + $0) }
  }

  /// As it is named to people.
  var name: String {
    switch self {
    case .file(let path), .made(let path, _): path
    case .standardInput: "standard input"
    }
  }

  /// What is said of a trace without its end.
  var truncation: String { "\(name): truncated; its recorder was killed, or a part is missing" }

  /// Opens it.
  func open() throws(CommandFailure) -> any ByteSource {
    do throws(TransferError) {
      switch self {
      case .file(let path): return try FileSource(path: path)
      case .standardInput: return try FileSource()
      case .made(_, let octets): return MemorySource(octets)
      }
    } catch { throw failure(.transfer(error)) }
  }

  /// The line and the exit code for what is wrong with it.
  func failure(_ error: TraceError) -> CommandFailure {
    guard case .transfer(let error) = error else {
      return CommandFailure(.badInput, "\(name): \(error.words)")
    }
    return CommandFailure(.refused, "\(name): \(Console.errorText(error.code))")
  }
}
