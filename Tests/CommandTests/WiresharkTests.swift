internal import Foundation
internal import TestSupport
internal import Testing

@Suite struct `A trace for Wireshark` {
  static let root = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()
  let folder: ScratchFolder

  init() throws { folder = try ScratchFolder() }

  /// What is counted of a trace.
  private struct Summary: Decodable {
    var events: Int
    var delivered: Int
    var taken: Int
    var dropped: Int
  }

  private func capture(_ trace: String) throws -> (file: PcapngFile, summary: Summary) {
    let path = folder.path("a.pcapng")
    let run = try CommandRun("show", "--json", trace, "-w", path)
    #expect(run.code == 0, "\(run.errors)")
    return (
      try PcapngFile([UInt8](Data(contentsOf: URL(filePath: path)))),
      try JSONDecoder().decode(Summary.self, from: Data(run.output.utf8))
    )
  }

  @Test(arguments: ["loopback", "cutoff", "control", "control-late"])
  func `has each event of a live backend once, and tells what became of frames`(
    _ name: String
  ) throws {
    let trace = Self.root.appending(path: "Corpus/field/\(name).ringtrace").path
    let (file, summary) = try capture(trace)
    #expect(file.packets.compactMap(\.identity) == (0..<UInt64(summary.events)).map { $0 })
    let frames = file.packets.filter { file.interfaces[$0.interface].link == 1 }
    #expect(frames.count == summary.delivered + summary.taken + summary.dropped)
    let comments = frames.compactMap(\.comment)
    #expect(comments.count { $0.hasPrefix("delivered; ") } == summary.delivered)
    #expect(comments.allSatisfy { !$0.contains("waits") && !$0.contains(", 0 answered") })
    #expect(comments.count == summary.delivered + summary.taken)
  }

  @Test func `comes from a guest on the simulation`() throws {
    let trace = folder.path("a.ringtrace")
    #expect(try CommandRun("record", "--simulate", "-c", "200", "-w", trace).code == 0)
    let (file, summary) = try capture(trace)
    #expect(file.packets.count == summary.events)
    #expect(file.interfaces.map(\.name) == ["vif1.0", "vif1.0-rings"])
  }

  @Test func `is redacted as any other`() throws {
    let trace = Self.root.appending(path: "Corpus/field/loopback.ringtrace").path
    let path = folder.path("b.pcapng")
    #expect(try CommandRun("show", trace, "-w", path, "-s", "20").code == 0)
    let file = try PcapngFile([UInt8](Data(contentsOf: URL(filePath: path))))
    let frames = file.packets.filter { file.interfaces[$0.interface].link == 1 }
    #expect(frames.allSatisfy { $0.octets.count <= 20 && $0.length > 20 })
    #expect(file.section[1] == Array("snaplen=20".utf8))
  }
}

/// Wireshark's program for terminals, where it is installed.
struct Tshark {
  static let path = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
    .map { "\($0)/tshark" }.first { FileManager.default.isExecutableFile(atPath: $0) }

  /// Runs it with the dissector and returns what it prints.
  static func run(_ arguments: String...) throws -> (code: Int32, output: String) {
    let script = `A trace for Wireshark`.root.appending(path: "Wireshark/ringside.lua").path
    return try run([path ?? "", "-X", "lua_script:\(script)"] + arguments)
  }

  /// Runs it with more in its environment, which it takes from nobody who may do everything.
  static func run(
    _ arguments: String..., environment: [String: String]
  ) throws -> (code: Int32, output: String) {
    let user =
      geteuid() == 0
      ? ["/usr/bin/setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups"] : []
    return try run(user + [path ?? ""] + arguments, environment)
  }

  private static func run(
    _ words: [String], _ environment: [String: String] = [:]
  ) throws -> (code: Int32, output: String) {
    let process = Process()
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    process.executableURL = URL(filePath: words[0])
    process.arguments = Array(words.dropFirst())
    let pipe = Pipe()
    process.standardOutput = pipe
    process.standardError = pipe
    try process.run()
    let output = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return (process.terminationStatus, String(decoding: output, as: UTF8.self))
  }
}

@Suite(.enabled(if: Tshark.path != nil, "tshark is not installed")) struct `Wireshark itself` {
  static let text = """
    ringside-trace 1.0
    vif domain=5 handle=1 features=0x1 disabled=no hash-algorithm=0 hash-types=0x0
     queue
    events
    1 0.0 fetched tx-slot 0 gref=8 offset=64 flags=0xc id=3 size=64
    1 0.0 fetched tx-extra 1 type=1 flags=0x0 value=1448 data=0x1 unused=0x0
    1 0.0 fetched tx-slot 2 gref=9 offset=0 flags=0x0 id=4 size=4
    1 0.0 fetched copy-from-guest gref=8 offset=64 length=60 status=-3
    1 0.0 fetched delivered request=0 length=64 checksum=partial \
    data=ffffffffffff00163e00000008060001080006040001
    2 0.0 fetched tx-response 0 request=0 id=3 status=error
    2 0.0 fetched tx-response 1 request=1 id=0 status=null
    2 0.0 fetched tx-response 2 request=2 id=4 status=error
    3 0.0 fetched key of=frontend text="state=4"
    3 0.0 fetched disabled rule=5

    """
  let folder: ScratchFolder
  let path: String

  init() throws {
    folder = try ScratchFolder()
    path = folder.path("a.pcapng")
    let trace = try folder.write("a.ringtext", Data(Self.text.utf8))
    #expect(try CommandRun("show", trace, "-w", path).code == 0)
  }

  @Test func `shows the events with the dissector`() throws {
    let (code, output) = try Tshark.run("-r", path)
    #expect(code == 0, "\(output)")
    for words in [
      "tx-slot index=0 gref=8 offset=64 tx-flags=12 id=3 size=64",
      "tx-extra index=1 extra-type=gso extra-flags=0 extra-value=1448 extra-data=1 unused=0",
      "copy-from-guest gref=8 offset=64 length=60 grant-status=bad grant reference captured=0",
      "tx-response index=0 request=0 id=3 status=error", "key by=frontend key=state=4",
      "disabled rule=tx/page-crossing", "delivered, event 4",
    ] {
      #expect(output.contains(words), "\(output)")
    }
    #expect(!output.contains("Lua Error") && !output.contains("Malformed"), "\(output)")
  }

  @Test(arguments: [
    ("ringside.kind == 15 && ringside.status < 0", 2), ("ringside.tx_flags.more_data == 1", 1),
    ("ringside.grant_status == -3", 1), ("eth && frame.comment contains \"2 errors\"", 1),
    ("frame.interface_name == \"vif5.1-rings\"", 9),
  ])
  func `finds what a filter asks for`(_ filter: String, _ count: Int) throws {
    let (code, output) = try Tshark.run(
      "-r", path, "-Y", "(\(filter)) && frame.interface_name", "-T", "fields", "-e", "frame.number")
    #expect(code == 0, "\(output)")
    #expect(output.split(separator: "\n").count { Int($0) != nil } == count, "\(output)")
  }
}
