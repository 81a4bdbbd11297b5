internal import Recorder
internal import TraceFormat
internal import XenInterface

/// Drives a recording until a bound, a signal or an error ends it.
struct Capture {
  /// Where the trace goes, as given with `-w`.
  let path: String
  /// Called when SIGUSR1 has come, for who watches it.
  var onInquiry: () -> Void = {}
  private let clock = ContinuousClock()
  private let begin = ContinuousClock.now

  init(path: String) { self.path = path }

  /// Where the trace goes, as it is named to people.
  var name: String { path == "-" ? "standard output" : path }

  /// Real time since the start.
  var elapsed: MonotonicInstant {
    let (seconds, attoseconds) = (clock.now - begin).components
    let fraction = UInt64(attoseconds / 1_000_000_000)
    return MonotonicInstant(nanoseconds: UInt64(seconds) * 1_000_000_000 + fraction)
  }

  /// Calls `step`, which says whether the recording goes on, until it does not.
  func run(
    _ recording: Recording, step: () throws(CommandFailure) -> Bool
  ) throws(CommandFailure) {
    var shown = clock.now
    while !Interruption.isRequested, try step() {
      if Interruption.takeInquiry() { onInquiry() }
      guard clock.now - shown >= .seconds(1) else { continue }
      shown = clock.now
      let progress = recording.progress
      Console.progress(
        "\(progress.packets) packets, \(progress.octets) octets, \(progress.lost) events lost")
    }
    Console.endProgress()
  }

  /// The line and the exit code for what went wrong.
  func failure(_ error: RecorderError) -> CommandFailure {
    switch error {
    case .cannotMake(let code): CommandFailure(.refused, "\(name): \(Console.errorText(code))")
    case .cannotWrite(let error): error.failure(name)
    }
  }
}

/// What a recording came to, for programs.
struct CaptureSummary: Encodable {
  var file: String
  var files: Int
  var packets: UInt64
  var events: UInt64
  var octets: UInt64
  var octetsPerRingEvent: Double
  var lost: UInt64
  var tap: Tap?

  /// What became of the records of a kernel tap.
  struct Tap: Encodable {
    var made, taken, dropped, unplaced, missedCalls: UInt64

    enum CodingKeys: String, CodingKey {
      case made, taken, dropped, unplaced
      case missedCalls = "missed_calls"
    }
  }

  enum CodingKeys: String, CodingKey {
    case file, files, packets, events, octets, lost, tap
    case octetsPerRingEvent = "octets_per_ring_event"
  }

  init(file: String, _ report: RecorderReport) {
    self.file = file
    files = report.files
    packets = report.totals.packets
    events = report.totals.events
    octets = report.totals.octets
    octetsPerRingEvent = report.octetsPerRingEvent
    lost = report.totals.lost
    tap = report.tap.map {
      Tap(
        made: $0.made, taken: $0.taken, dropped: $0.dropped, unplaced: $0.unplaced,
        missedCalls: $0.missedCalls)
    }
  }

  /// The same for people; the last line is about loss.
  var lines: [String] {
    let ratio = (octetsPerRingEvent * 100).rounded() / 100
    let count = files == 1 ? "" : " in \(files) files"
    var lines = [
      "\(file): \(packets) packets, \(events) events, \(octets) octets\(count), "
        + "\(ratio) octets per ring event without frames"
    ]
    if let tap {
      lines.append(
        "tap: \(tap.made) records made, \(tap.taken) taken, \(tap.dropped) found no room, "
          + "\(tap.unplaced) without a snapshot")
    }
    return lines + ["lost: \(lost) events"]
  }
}
