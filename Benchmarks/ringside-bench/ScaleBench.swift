import ArgumentParser
import Foundation

/// What parts of a trace that is larger than memory take.
struct ScaleBench: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "scale",
    abstract:
      "Makes a large trace by repeating another, and measures what is done with parts of it.",
    discussion: "Example: ringside-bench scale Corpus/field/loopback.ringtrace --gigabytes 10")

  @Argument(help: "The trace that is repeated.") var trace: String
  @Option(help: "Size of the large trace.") var gigabytes = 10.0
  @Option(help: "Where the large trace lies while it is measured.") var file = "scale.ringtrace"
  @Option(help: "zlib's level.") var level: Int32 = 1
  @Option(help: "Measure this part only, of a large trace that is there.") var part: ScalePart?

  func validate() throws {
    guard 0.001...1e6 ~= gigabytes else {
      throw ValidationError("--gigabytes takes a number from 0.001 to a million")
    }
  }

  func run() throws {
    if let part { return try measure(part) }
    guard !FileManager.default.fileExists(atPath: file) else {
      throw ValidationError("\(file) is there already; name another with --file")
    }
    defer { try? FileManager.default.removeItem(atPath: file) }
    // Not through a buffer: each line after it is printed by a process of its own.
    FileHandle.standardOutput.write(Data((ScaleResult.head + "\n").utf8))
    for part in ScalePart.allCases { try measureAlone(part) }
  }

  /// Peaks of memory are a process's: each part has one of its own.
  private func measureAlone(_ part: ScalePart) throws {
    let process = Process()
    process.executableURL = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
    process.arguments = [
      "scale", trace, "--gigabytes", "\(gigabytes)", "--file", file, "--level", "\(level)",
      "--part", part.rawValue,
    ]
    try process.run()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else { throw ExitCode(process.terminationStatus) }
  }

  private func measure(_ part: ScalePart) throws {
    let large = LargeTrace(path: file)
    FileCache.drop(file)
    let clock = ContinuousClock()
    let (begin, processorBegin) = (clock.now, ProcessorTime.process.seconds)
    let outcome = try outcome(of: part, large)
    let result = ScaleResult(
      part: part, time: begin.duration(to: clock.now),
      processorTime: ProcessorTime.process.seconds - processorBegin,
      octetsRead: large.octetsRead,
      peak: try ScaleResult.peakMemory(), outcome: outcome)
    print(result.line)
  }

  private func outcome(of part: ScalePart, _ large: LargeTrace) throws -> String {
    switch part {
    case .make: return try large.make(of: trace, octets: UInt64(gigabytes * 1e9), level: level)
    case .middle: return try large.middle()
    case .tail: return try large.tail()
    case .replay: return try large.replay()
    case .minimize: return try large.minimize()
    case .read: return try large.read()
    case .cut:
      try large.cut()
      return try large.tail()
    }
  }
}

/// What is done with a large trace.
enum ScalePart: String, CaseIterable, ExpressibleByArgument {
  case make, middle, tail, replay, minimize, read, cut

  /// As people call it.
  var words: String {
    switch self {
    case .make: "make it"
    case .middle: "1000 events from the middle"
    case .tail: "its last second"
    case .replay: "replay a window"
    case .minimize: "minimize a window"
    case .read: "read all of it"
    case .cut: "its last second, without index"
    }
  }
}

/// A line of the result table.
struct ScaleResult {
  var part: ScalePart
  var time: Duration
  var processorTime: Double
  var octetsRead: UInt64
  /// Octets.
  var peak: Int
  var outcome: String

  static let head = [
    pad("what", 32), pad("seconds", 10), pad("of processor", 14), pad("MB read", 10),
    pad("peak, MiB", 10), "what it was",
  ].joined(separator: " ")

  var line: String {
    [
      pad(part.words, 32), pad(fixed(time / .seconds(1)), 10), pad(fixed(processorTime), 14),
      pad(fixed(Double(octetsRead) / 1e6), 10), pad(fixed(Double(peak) / 1_048_576), 10), outcome,
    ].joined(separator: " ")
  }

  /// The most memory that this process had at a time, in octets.
  static func peakMemory() throws -> Int {
    let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
    let peak = status.firstMatch(of: #/VmHWM:\s+(\d+) kB/#)?.1
    return (peak.flatMap { Int($0) } ?? 0) * 1024
  }
}
