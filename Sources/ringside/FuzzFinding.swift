/// What an engine left: an input, and what was said of it.
struct FuzzFinding {
  /// How the engine names it: crash, timeout, oom, leak, slow.
  var kind: String
  var octets: [UInt8]
  var said: [String]

  /// Findings with the same signature are taken for the same.
  var signature: String {
    let start = "signature: "
    let line = said.last { $0.hasPrefix(start) }
    return line.map { String($0.dropFirst(start.count)) } ?? kind
  }

  /// Whether the engine ended itself, having compared; else it was ended by what it played, and so would be
  /// whoever plays it.
  var isCompared: Bool { said.contains { $0.hasPrefix("finding at step ") } }
}

/// A finding that was kept.
struct KeptFinding: Encodable {
  var signature: String
  /// Its files.
  var files: [String]
  /// What plays it again.
  var command: String
  /// What replays its trace; `nil` where it leaves none.
  var replay: String?
}
