internal import Foundation
internal import Testing

@Suite struct `ringside record --flight` {
  let folder: ScratchFolder

  init() throws { folder = try ScratchFolder() }

  private var files: [String] {
    get throws {
      try FileManager.default.contentsOfDirectory(atPath: folder.url.path).sorted()
    }
  }

  /// Records a guest that breaks a rule, until its file is written.
  private func record(_ arguments: String..., into folder: String? = nil) throws -> CommandRun {
    try CommandRun(
      [
        "record", "--simulate", "--flight", "1M", "--trigger", "fatal", "--after", "0.01s",
        "--hostile-after", "300", "-a", "files:1", "-s", "64", "-w", folder ?? self.folder.url.path,
      ] + arguments)
  }

  @Test func `makes one file of a guest that is cut off, which replays to that`() throws {
    let run = try record()
    #expect(run.code == 0)
    #expect(run.errors.isEmpty)
    let name = try #require(try files.first)
    #expect(name.wholeMatch(of: #/vif1\.0-fatal-\d{12}ms\.ringtrace/#) != nil)
    #expect(run.output.hasPrefix("vif1.0: fatal: tx/page-crossing: \(folder.path(name)), "))
    #expect(run.output.contains(": files 1, triggers 1, "))
    #expect(run.output.hasSuffix("\nlost: 0 events\n"))
    let show = try CommandRun("show", folder.path(name))
    #expect(show.output.contains(" octets, complete\n"))
    #expect(show.output.contains("\n  disabled     tx/page-crossing\n"))
    let replay = try CommandRun("replay", folder.path(name))
    #expect(replay.code == 0)
    #expect(replay.output.hasPrefix("\(folder.path(name)): the same\n"))
    #expect(
      replay.output.contains(#/\n  disabled: tx/page-crossing, slot \d+ of vif 0, queue 0\n/#))
  }

  @Test func `tells programs of each file, and of all at the end`() throws {
    let run = try record("--json")
    let lines = run.output.split(separator: "\n")
    #expect(lines.count == 2)
    let name = try #require(try files.first)
    #expect(lines[0].contains(#""cause":"fatal""#) && lines[0].contains(#""vif":"vif1.0""#))
    #expect(lines[0].contains(#""rule":"tx/page-crossing""#) && lines[0].contains(name))
    #expect(lines[1].contains(#""files":1"#) && lines[1].contains(#""unwritten":0"#))
  }

  @Test func `keeps as many files as it is told, those of before among them`() throws {
    let old = [
      "vif1.0-error-000000000001ms.ringtrace", "vif1.0-error-000000000002ms.ringtrace",
      "vif1.0-fatal-000000000003ms.ringtrace",
    ]
    for name in old + ["mine.txt", "vif1.0-mine-1.ringtrace"] { _ = try folder.write(name, Data()) }
    #expect(try record("-b", "files:3").code == 0)
    let left = try files
    #expect(left.count == 5)
    // The cause that has most loses its oldest.
    #expect(!left.contains(old[0]) && left.contains(old[1]) && left.contains(old[2]))
  }

  @Test func `writes beside a file of the same name`() throws {
    #expect(try record().code == 0)
    #expect(try record().code == 0)
    #expect(try files.count == 2)
    #expect(try files.contains { $0.hasSuffix("ms-2.ringtrace") })
  }

  @Test func `writes a file when it is sent SIGUSR1`() throws {
    let process = Process()
    let out = folder.path("out")
    process.executableURL = CommandRun.program
    process.arguments = [
      "record", "--simulate", "--real-time", "--flight", "1M", "--after", "0.1s", "-a", "files:1",
      "-s", "64", "-w", out,
    ]
    let output = Pipe()
    process.standardOutput = output
    try process.run()
    defer { if process.isRunning { kill(process.processIdentifier, SIGKILL) } }
    // It watches for the signal from before there is a folder.
    for _ in 0..<30_000 where !FileManager.default.fileExists(atPath: out) {
      Thread.sleep(forTimeInterval: 0.01)
    }
    kill(process.processIdentifier, SIGUSR1)
    let said = try #require(try output.fileHandleForReading.readToEnd())
    process.waitUntilExit()
    #expect(process.terminationStatus == 0)
    #expect(String(decoding: said, as: UTF8.self).hasPrefix("vif1.0: signal: asked for: "))
    #expect(try CommandRun("replay", out).code == 0)
  }

  @Test func `ends with 4 and a line where there can be no folder`() throws {
    let file = try folder.write("file", Data())
    let run = try record(into: file + "/below")
    #expect(run.code == 4)
    #expect(run.output.isEmpty)
    #expect(run.errors.hasPrefix("ringside: \(file)/below: "))
  }

  @Test(.enabled(if: !FileManager.default.fileExists(atPath: "/sys/bus/xen-backend")))
  func `takes the line of its unit, and says on a machine without Xen what is missing`() throws {
    let unit = try String(contentsOf: Self.unit, encoding: .utf8)
    let line = try #require(unit.firstMatch(of: #/\nExecStart=\S+ (.*)\n/#)?.1)
    let run = try CommandRun(line.split(separator: " ").map(String.init))
    #expect(run.code == 3)
    #expect(run.errors.hasPrefix("ringside: /sys/bus/xen-backend/devices is not there"))
  }

  private static var unit: URL {
    URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "../../Packaging/ringside-flight.service")
  }

  @Test(arguments: [
    ["--flight", "64"], ["--flight", "12K"], ["--flight", "17G"],
    ["--trigger", "fatal", "-w", "a"],
    ["--flight", "1M", "--trigger", "fatal,"], ["--flight", "1M", "--trigger", "rate:0/s"],
    ["--flight", "1M", "--trigger", "rate:5"], ["--flight", "1M", "-w", "-"],
    ["--flight", "1M", "-w", "a.ringtrace"], ["--flight", "1M", "-b", "filesize:10"],
    ["--flight", "1M", "-a", "filesize:10"], ["--after", "1s", "-w", "a"],
    ["--flight", "1M", "--all"], ["--stats", "-w", "a"],
  ])
  func `ends with 64 where it is told nonsense`(_ arguments: [String]) throws {
    let run = try CommandRun(["record", "--simulate"] + arguments)
    #expect(run.code == 64)
    #expect(!FileManager.default.fileExists(atPath: "a"))
  }
}
