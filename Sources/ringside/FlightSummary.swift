internal import Recorder

/// What a flight recorder came to, for programs.
struct FlightSummary: Encodable {
  let folder: String
  let triggers, files, joined, repeated, unwritten, packets, events, lost: UInt64

  init(folder: String, _ account: FlightAccount, _ progress: RecordingProgress) {
    self.folder = folder
    triggers = account.triggers
    files = account.files
    joined = account.joined
    repeated = account.repeated
    unwritten = account.unwritten
    packets = progress.packets
    events = progress.events
    lost = progress.lost
  }

  /// The same for people; the last line is about loss.
  var lines: [String] {
    [
      "\(folder): \(files) files for \(triggers) triggers; \(joined) joined one before them, "
        + "\(repeated) more within a minute of their like, \(unwritten) files not written",
      "seen: \(packets) packets, \(events) events", "lost: \(lost) events",
    ]
  }
}
