internal import Recorder

/// What a flight recorder came to, for programs.
struct FlightSummary: Encodable {
  let folder: String
  let triggers, files, joined, repeated, unwritten, packets, events, lost: UInt64
  let tap: CaptureSummary.Tap?

  init(folder: String, _ account: FlightAccount, _ report: RecorderReport) {
    self.folder = folder
    triggers = account.triggers
    files = account.files
    joined = account.joined
    repeated = account.repeated
    unwritten = account.unwritten
    let recorded = CaptureSummary(file: folder, report)
    packets = recorded.packets
    events = recorded.events
    lost = recorded.lost
    tap = recorded.tap
  }

  /// The same for people; the last line is about loss.
  var lines: [String] {
    var lines = [
      "\(folder): \(files) files for \(triggers) triggers; \(joined) joined one before them, "
        + "\(repeated) more within a minute of their like, \(unwritten) files not written",
      "seen: \(packets) packets, \(events) events",
    ]
    if let tap { lines.append(tap.line) }
    return lines + ["lost: \(lost) events"]
  }
}
