import Foundation

extension BenchGroup {
  /// Traces listed and exported, by programs that run alone; processor time, start and end with it.
  static let text = BenchGroup("text") { scale in
    let folder = try BenchFolder()
    let lines = TextLines(
      scale: scale, folder: folder,
      capture: try FrameCapture(of: scale.trace, times: scale.share(of: 50), in: folder))
    try lines.makeTrace()
    return [lines.list, lines.export("pcapng"), lines.export("perfetto-trace")]
  }
}

private struct TextLines {
  let scale: BenchScale
  let folder: BenchFolder
  let capture: FrameCapture
  private var trace: String { folder.path("long.ringtrace") }

  init(scale: BenchScale, folder: BenchFolder, capture: FrameCapture) {
    self.scale = scale
    self.folder = folder
    self.capture = capture
  }

  func makeTrace() throws {
    _ = try LargeTrace(path: trace).make(
      of: scale.trace, octets: UInt64(scale.share(of: 20_000_000)), level: 6)
  }

  /// Millions of lines a second.
  var list: Contest {
    Contest("list", .millions) {
      let lines = try events()
      return Entrants(
        ours: { try rate(lines, [scale.ringside, "show", trace, "--text"]) },
        peers: [
          .ready("tcpdump") { try rate(capture.frames, ["tcpdump", "-nr", capture.path]) },
          .ready("tshark") { try rate(capture.frames, ["tshark", "-nr", capture.path]) },
        ])
    }
  }

  /// Millions of events a second; of a capture, of frames.
  func export(_ form: String) -> Contest {
    Contest("export, \(form)", .millions) {
      let (events, target) = (try events(), folder.path("out.\(form)"))
      let copy = ["tcpdump", "-r", capture.path, "-w", folder.path("out.pcap")]
      return Entrants(
        ours: {
          defer { try? FileManager.default.removeItem(atPath: target) }
          return try rate(events, [scale.ringside, "show", trace, "-w", target])
        },
        peers: form == "pcapng" ? [.ready("tcpdump -w") { try rate(capture.frames, copy) }] : [])
    }
  }

  private func rate(_ count: Int, _ arguments: [String]) throws -> Double {
    Double(count) / (try ProgramRun(arguments).processor) / 1e6
  }

  private func events() throws -> Int { try LargeTrace(path: trace).events() }
}
