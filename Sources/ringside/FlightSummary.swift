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
      "\(folder): files \(files), triggers \(triggers), of these in the file of another \(joined), "
        + "again within a minute \(repeated), not written \(unwritten)",
      "seen: \(packets) packets, \(events) events", "lost: \(lost) events",
    ]
  }
}
