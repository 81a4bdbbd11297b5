internal import ArgumentParser
internal import Recorder

/// A bound in dumpcap's words: `duration:60`.
struct CaptureBound: ExpressibleByArgument {
  /// What is bounded.
  enum Measure: String {
    case duration, filesize, packets, files
  }

  var measure: Measure
  var value: UInt64

  init?(argument: String) {
    let parts = argument.split(separator: ":", maxSplits: 1)
    guard parts.count == 2, let measure = Measure(rawValue: String(parts[0])),
      let value = UInt64(parts[1]), value > 0, value <= 1_000_000_000
    else { return nil }
    self.measure = measure
    self.value = value
  }
}

/// When a recording stops and when it begins a new file, with dumpcap's options.
struct CaptureBounds: ParsableArguments {
  @Option(
    name: .customShort("a"),
    help: ArgumentHelp(
      "Stop at this bound: duration:S, filesize:KB or packets:N; with --flight, files:N.",
      valueName: "bound"))
  var stop: [CaptureBound] = []

  @Option(
    name: .customShort("b"),
    help: ArgumentHelp(
      "Begin a new file at this bound: duration:S, filesize:KB or packets:N; files:N keeps the last N.",
      valueName: "bound"))
  var next: [CaptureBound] = []

  @Option(
    name: .customShort("c"), help: ArgumentHelp("Stop after this many packets.", valueName: "count")
  )
  var packets: UInt64?

  /// Sees that a recording of this kind knows all of them.
  func check(isFlight: Bool) throws {
    guard !isFlight else { return try checkFlight() }
    guard !stop.contains(where: { $0.measure == .files }) else {
      throw ValidationError("-a files:N is not known; -b files:N keeps the last N files")
    }
    guard next.isEmpty || next.contains(where: { $0.measure != .files }) else {
      throw ValidationError(
        "-b files:N needs a bound at which a new file begins, like -b filesize:KB")
    }
  }

  private func checkFlight() throws {
    guard !stop.contains(where: { $0.measure == .filesize }),
      next.allSatisfy({ $0.measure == .files })
    else {
      throw ValidationError(
        "with --flight a trigger makes a file: -a takes duration:S, packets:N or files:N, -b takes files:N"
      )
    }
  }

  /// Files after which to stop (`-a files:N`).
  var mostFiles: Int? { Self.files(stop) }
  /// Files to keep (`-b files:N`).
  var keptFiles: Int? { Self.files(next) }

  private static func files(_ bounds: [CaptureBound]) -> Int? {
    bounds.last { $0.measure == .files }.map { Int($0.value) }
  }

  /// The same for the recorder.
  var options: RecordingOptions {
    var limits = Self.limits(stop)
    limits.packets = packets ?? limits.packets
    return RecordingOptions(
      stop: limits, newFile: next.isEmpty ? nil : Self.limits(next), files: keptFiles)
  }

  private static func limits(_ bounds: [CaptureBound]) -> RecordingLimits {
    var limits = RecordingLimits()
    for bound in bounds {
      switch bound.measure {
      case .duration: limits.nanoseconds = bound.value * 1_000_000_000
      case .filesize: limits.octets = bound.value * 1000
      case .packets: limits.packets = bound.value
      case .files: break
      }
    }
    return limits
  }
}
