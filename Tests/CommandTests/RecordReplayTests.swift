internal import Foundation
internal import Testing

@Suite struct RecordReplayTests {
  let folder: ScratchFolder
  let trace: String

  init() throws {
    folder = try ScratchFolder()
    trace = folder.path("guest.ringtrace")
  }

  private func record(_ arguments: String...) throws -> CommandRun {
    try CommandRun(["record", "--simulate", "-s", "64", "-c", "40"] + arguments)
  }

  @Test func `what is recorded of a simulated guest replays the same`() throws {
    let run = try record("-w", trace)
    #expect(run.code == 0)
    #expect(run.errors.isEmpty)
    #expect(run.output.hasSuffix("\nlost: 0 events\n"))
    let replay = try CommandRun("replay", trace)
    #expect(replay.code == 0)
    #expect(replay.output.hasPrefix("\(trace): the same\n  recorded "))
    #expect(replay.output.contains(", diverged 0\n"))
  }

  @Test func `the same seed gives the same trace`() throws {
    let twin = folder.path("twin.ringtrace")
    #expect(try record("-w", trace, "--seed", "7").code == 0)
    #expect(try record("-w", twin, "--seed", "7").code == 0)
    #expect(try Data(contentsOf: URL(filePath: trace)) == Data(contentsOf: URL(filePath: twin)))
  }

  @Test func `a guest that is cut off ends a recording whose count it never reaches`() throws {
    let run = try record("-w", trace, "--hostile-after", "10")
    #expect(run.code == 0)
    let output = try CommandRun("replay", trace).output
    #expect(output.contains("\n  disabled: tx/page-crossing, slot "))
  }

  @Test func `a trace goes through pipes`() throws {
    #expect(try record("-w", trace).code == 0)
    let octets = try Data(contentsOf: URL(filePath: trace))
    let replay = try CommandRun("replay", "-", input: octets)
    #expect(replay.code == 0)
    #expect(replay.output.hasPrefix("standard input: the same\n"))
  }

  @Test func `a changed answer is a divergence, shown slot by slot`() throws {
    #expect(try record("-w", trace).code == 0)
    let text = folder.path("guest.ringtext")
    #expect(try CommandRun("show", trace, "-w", text).code == 0)
    let changed = try folder.text("guest.ringtext").replacing(
      #/(tx-response 2 .*)okay/#, maxReplacements: 1
    ) { "\($0.1)error" }
    _ = try folder.write("guest.ringtext", Data(changed.utf8))
    let replay = try CommandRun("replay", text)
    #expect(replay.code == 1)
    #expect(replay.output.contains("diverged 1\n"))
    #expect(replay.output.contains(#/\n  > .* tx-response 2 .*status=error\n/#))
    #expect(replay.output.contains(#/\n  > .* tx-response 2 .*status=okay\n/#))
    #expect(replay.errors == "ringside: the replay diverged from the recording at 1 events\n")
  }

  @Test func `a folder is replayed file by file and summed up, past what is no trace`() throws {
    #expect(try record("-w", trace).code == 0)
    _ = try folder.write("bad.ringtrace", Data("bad".utf8))
    let replay = try CommandRun("replay", folder.url.path, trace)
    #expect(replay.code == 2)
    #expect(replay.output.contains("\n2 traces: recorded "))
    #expect(replay.errors.contains("bad.ringtrace: not a trace\n"))
    #expect(replay.errors.hasSuffix("1 of 3 traces could not be replayed\n"))
  }

  @Test func `a trace that was cut replays up to its end, with a warning`() throws {
    #expect(try record("-w", trace).code == 0)
    let octets = try Data(contentsOf: URL(filePath: trace))
    let cut = try folder.write("cut.ringtrace", octets.dropLast(8))
    let replay = try CommandRun("replay", cut)
    #expect(replay.code == 0)
    #expect(replay.errors.contains("cut.ringtrace: truncated"))
  }

  @Test func `-b makes numbered files and keeps the last of them`() throws {
    let run = try CommandRun(
      "record", "--simulate", "-s", "64", "-a", "packets:120", "-b", "packets:30", "-b", "files:2",
      "-w", trace)
    #expect(run.code == 0)
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.url.path).sorted()
    #expect(names.count == 2)
    #expect(names.allSatisfy { $0.wholeMatch(of: #/guest_0000\d\.ringtrace/#) != nil })
    #expect(try CommandRun("replay", folder.url.path).code == 0)
  }

  @Test func `Ctrl-C ends a recording with a whole trace`() throws {
    let process = Process()
    process.executableURL = CommandRun.program
    process.arguments = ["record", "--simulate", "-s", "64", "-w", trace]
    process.standardOutput = FileHandle.nullDevice
    try process.run()
    defer { if process.isRunning { kill(process.processIdentifier, SIGKILL) } }
    try awaitEvent { FileManager.default.fileExists(atPath: trace) }
    Thread.sleep(forTimeInterval: 0.3)
    process.interrupt()
    try awaitEvent { !process.isRunning }
    #expect(process.terminationStatus == 0)
    let show = try CommandRun("show", trace)
    #expect(show.output.contains(" octets, complete\n"))
  }

  @Test(arguments: [
    ["-w", "/dev/full"], ["-w", "/no/such/folder/a.ringtrace"], ["-w", "/"],
  ])
  func `a recording that cannot be written ends with 4 and a line`(_ arguments: [String]) throws {
    let run = try CommandRun(["record", "--simulate"] + arguments)
    #expect(run.code == 4)
    #expect(run.output.isEmpty)
    #expect(run.errors.hasPrefix("ringside: \(arguments[1]): "))
    #expect(run.errors.count { $0 == "\n" } == 1)
  }

  @Test(arguments: [
    ["record", "-w", "a"], ["record", "--simulate"],
    ["record", "--simulate", "--vif", "vif1.0", "-w", "a"], ["record", "--vif", "eth0", "-w", "a"],
    ["record", "--simulate", "-w", "a", "-a", "files:3"],
    ["record", "--simulate", "-w", "a", "-a", "packets:none"],
    ["record", "--simulate", "-w", "a", "-b", "files:3"],
    ["record", "--simulate", "-w", "a", "-B", "3"], ["record", "--simulate", "-w", "a", "-B", "0"],
    ["record", "--simulate", "-w", "-", "--json"], ["replay"], ["replay", "a", "--on", "moon"],
    ["replay", "a", "--on", "vif", "--path", "map"],
    ["replay", "a", "--on", "vif", "--profile", "netif"], ["replay", "a", "--against", "sim"],
    ["replay", "a", "--on", "vif", "--against", "moon"], ["replay", "a", "--backend", "3"],
    ["replay", "a", "--on", "vif", "--from", "3"], ["replay", "a", "--on", "vif", "--step"],
    ["replay", "a", "b", "--on", "vif", "--together", "clock"],
    ["replay", "a", "--vif", "vif5.0"], ["replay", "a", "--on", "vif", "--vif", "eth0"],
    ["replay", "a", "--on", "vif", "--vif", "vif5.0", "--backend", "3"],
    ["replay", "a", "--on", "vif", "--against", "3", "--profile", "netif"],
  ])
  func `wrong usage ends with 64 before anything is made`(_ arguments: [String]) throws {
    let run = try CommandRun(arguments)
    #expect(run.code == 64)
    #expect(!FileManager.default.fileExists(atPath: "a"))
  }

  @Test(.enabled(if: !FileManager.default.fileExists(atPath: "/dev/xen/gntdev")))
  func `without Xen, what needs it ends with 3`() throws {
    #expect(try record("-w", trace).code == 0)
    for world in ["xen", "vif"] {
      let run = try CommandRun("replay", "--on", world, trace)
      #expect(run.code == 3)
      #expect(run.output.isEmpty)
      #expect(run.errors.hasPrefix("ringside: /dev/xen/gntdev: "))
      #expect(run.errors.count { $0 == "\n" } == 1)
    }
    #expect(try CommandRun("list").code == 3)
    #expect(try CommandRun("record", "--vif", "vif1.0", "-w", folder.path("none")).code == 3)
    #expect(!FileManager.default.fileExists(atPath: folder.path("none")))
  }
}
