extension BenchGroup {
  /// Time from nothing to the end of a verb that has little to do, and its memory. Those that want a Xen, and
  /// `fuzz`, whose time is its engine's, have none.
  static let start = BenchGroup("start") { scale in
    let folder = try BenchFolder()
    let long = folder.path("long.ringtrace")
    _ = try LargeTrace(path: long).make(
      of: scale.trace, octets: UInt64(scale.share(of: 100_000_000)), level: 1)
    let capture = try FrameCapture(of: scale.trace, times: scale.share(of: 100), in: folder)
    return StartLine.all(scale, long: long, capture: capture.path).flatMap {
      $0.contests(scale, folder)
    }
  }
}

/// A verb, and what a peer does in its place.
private struct StartLine {
  var name: String
  var words: [String]
  var peer: [String] = []

  static func all(_ scale: BenchScale, long: String, capture: String) -> [Self] {
    let small = "Corpus/field/control.ringtrace"
    return [
      Self(name: "help", words: ["--help"], peer: ["tcpdump", "--help"]),
      Self(
        name: "first lines", words: ["show", long, "--text", "--to", "10"],
        peer: ["tcpdump", "-nr", capture, "-c", "10"]),
      Self(name: "show", words: ["show", small], peer: ["capinfos", capture]),
      Self(name: "replay", words: ["replay", small]),
      Self(name: "explain", words: ["explain", "Corpus/advisories/xsa-216-padding/case.scenario"]),
      Self(name: "check", words: ["check", "tx/page-crossing"]),
      Self(name: "version", words: ["--version"]),
      Self(name: "record", words: ["record", "--simulate", "-w", "/dev/null", "-c", "100"]),
      Self(name: "minimize", words: ["minimize", "--cut-off", "Corpus/field/cutoff.ringtrace"]),
      Self(
        name: "bisect",
        words: ["bisect", "--good", "1", "--bad", "9", "--", "test", "{}", "-lt", "5"]),
      Self(name: "doctor", words: ["doctor"]),
      Self(name: "extcap", words: ["extcap", "--extcap-interfaces"]),
    ]
  }

  /// Milliseconds, and MiB.
  func contests(_ scale: BenchScale, _ folder: BenchFolder) -> [Contest] {
    let ours = [scale.ringside] + words
    func entrants(_ figure: @escaping ([String]) throws -> Double) -> Entrants {
      Entrants(
        ours: { try figure(ours) },
        peers: peer.isEmpty ? [] : [.ready(peer[0]) { try figure(peer) }])
    }
    return [
      // The folder holds what the program reads.
      Contest(name, .milliseconds) { [folder] in
        entrants { [folder] in
          _ = folder
          return try ProgramRun($0).seconds * 1000
        }
      },
      Contest("\(name), memory", .mebibytes) {
        let memory = try PeakMemory(in: folder)
        return entrants(memory.mebibytes)
      },
    ]
  }
}
