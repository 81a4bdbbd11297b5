internal import Foundation

/// One engine at work.
final class FuzzJob {
  /// What it has said so far, as far as it is of use.
  struct State {
    var engine = EngineLine()
    var reach = ReachLine()
    /// The finding's own words: where, what, its signature.
    var found: [String] = []
    /// The last lines, for an engine that ends for another reason.
    var last: [String] = []
    var rest = Data()
  }

  private let process: Process
  /// Where the engine leaves what it finds, and what it says.
  private let folder: URL
  private let lines: FileHandle
  private var state = State()

  init(_ path: String, _ options: [String]) throws(CommandFailure) {
    let name = "ringside-fuzz-\(ProcessInfo.processInfo.globallyUniqueString)"
    folder = FileManager.default.temporaryDirectory.appendingPathComponent(name)
    let log = folder.appendingPathComponent("log")
    process = Process()
    process.executableURL = URL(fileURLWithPath: path)
    process.arguments = ["-artifact_prefix=\(folder.path)/"] + options
    process.standardOutput = FileHandle.nullDevice
    do {
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      try Data().write(to: log)
      process.standardError = try FileHandle(forWritingTo: log)
      lines = try FileHandle(forReadingFrom: log)
      try process.run()
    } catch { throw CommandFailure(.refused, "\(path): \(error.localizedDescription)") }
  }

  /// Whether it is still at work.
  var isRunning: Bool { process.isRunning }

  /// What it has said.
  var now: State {
    if let data = try? lines.readToEnd() { state.take(data) }
    return state
  }

  /// Has it come to its end.
  func end() { if process.isRunning { process.interrupt() } }

  /// What it found, once it has ended.
  func finding() -> FuzzFinding? {
    process.waitUntilExit()
    let said = now
    let artifacts = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    defer { try? FileManager.default.removeItem(at: folder) }
    for name in artifacts.sorted() where name != "log" {
      let data = FileManager.default.contents(atPath: folder.path + "/" + name) ?? Data()
      // A full disk has room for names.
      guard !data.isEmpty else { continue }
      return FuzzFinding(
        kind: name.prefix { $0 != "-" }.description, octets: [UInt8](data), said: said.found)
    }
    return nil
  }

  /// The signature of what it found, once it has ended; nothing is kept of it.
  func signature() -> String? {
    _ = finding()
    return lost
  }

  /// The signature of something that it found, whether or not it could be saved.
  var lost: String? {
    kind.map { FuzzFinding(kind: $0, octets: [], said: now.found).signature }
  }

  /// Why it ended, where that is neither its time nor a finding.
  var complaint: String? {
    guard process.terminationReason == .exit else { return "the engine was killed" }
    guard ![0, Self.interrupted].contains(process.terminationStatus), kind == nil else {
      return nil
    }
    return now.found.last ?? now.last.last
      ?? "the engine ended with code \(process.terminationStatus)"
  }

  /// libFuzzer's code for an end that was asked for.
  private static let interrupted: Int32 = 72

  /// What kind of finding it ended with, by libFuzzer's codes.
  private var kind: String? {
    guard process.terminationReason == .exit else { return nil }
    return [77: "crash", 70: "timeout", 71: "oom"][process.terminationStatus]
  }
}

extension FuzzJob.State {
  /// Takes what was said since, line by line.
  fileprivate mutating func take(_ data: Data) {
    rest.append(data)
    while let end = rest.firstIndex(of: 0x0a) {
      take(String(decoding: rest[..<end], as: UTF8.self))
      rest.removeSubrange(...end)
    }
  }

  fileprivate mutating func take(_ line: String) {
    if let line = EngineLine(line) {
      engine = line
    } else if let line = ReachLine(line) {
      reach = line
    } else if let words = ReachLine.words(line) ?? TrapLine.words(line) {
      found.append(words)
    } else if !line.isEmpty {
      last = last.suffix(2) + [line]
    }
  }
}
