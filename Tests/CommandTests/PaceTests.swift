internal import Foundation
internal import Testing

@Suite struct PaceTests {
  let folder: ScratchFolder
  let trace: String

  init() throws {
    folder = try ScratchFolder()
    trace = folder.path("guest.ringtrace")
    let run = try CommandRun("record", "--simulate", "-s", "64", "-c", "40", "-w", trace)
    #expect(run.code == 0)
  }

  private func summary(_ arguments: String...) throws -> Summary {
    let run = try CommandRun(["replay", "--json", trace] + arguments)
    #expect(run.code == 0)
    return try JSONDecoder().decode(Summary.self, from: Data(run.output.utf8))
  }

  /// What a replay says to programs, as far as it is looked at here.
  private struct Summary: Decodable {
    struct Lateness: Decodable, Equatable {
      var events, p50_ns, p99_ns, max_ns: UInt64
    }

    var recorded, matched, diverged, rounds: UInt64
    var lateness: Lateness?
  }

  @Test(arguments: ["recorded", "x0.5", "x1000"])
  func `a paced replay says how late its events were`(_ pace: String) throws {
    let summary = try summary("--pace", pace)
    let lateness = try #require(summary.lateness)
    #expect(lateness.events == summary.recorded)
    #expect(lateness.p50_ns <= lateness.p99_ns)
    #expect(lateness.p99_ns <= lateness.max_ns)
    #expect(summary.diverged == 0)
    let run = try CommandRun("replay", trace, "--pace", pace)
    #expect(run.output.contains(#/\n  lateness     p50 [\d.]+, p99 [\d.]+, max [\d.]+ us; \d+ /#))
  }

  @Test func `a replay as fast as can be has no events that could be late`() throws {
    #expect(try summary("--pace", "fast").lateness == nil)
    #expect(try !CommandRun("replay", trace).output.contains("lateness"))
  }

  @Test func `a replay is slower by the speed that is asked for`() throws {
    let show = try CommandRun("show", trace)
    let match = try #require(show.output.firstMatch(of: #/ events +\d+ in ([\d.]+) s\n/#))
    let recorded = try #require(Double(match.1))
    let start = ContinuousClock.now
    _ = try summary("--pace", "x0.5")
    #expect((ContinuousClock.now - start) / .seconds(1) >= 2 * (recorded - 0.001))
  }

  @Test func `rounds are counted and summed up`() throws {
    let one = try summary()
    #expect(one.rounds == 1)
    let three = try summary("--loop", "3", "--pace", "x100")
    #expect(three.rounds == 3)
    #expect(three.recorded == 3 * one.recorded)
    #expect(three.matched == 3 * one.matched)
    #expect(three.lateness?.events == three.recorded)
    #expect(try CommandRun("replay", trace, "--loop", "2").output.contains("\n  rounds       2\n"))
  }

  @Test func `rounds without end go on until Ctrl-C, and end with their sum`() throws {
    let process = Process()
    let output = Pipe()
    process.executableURL = CommandRun.program
    process.arguments = ["replay", "--json", trace, "--loop", "0"]
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    try process.run()
    defer { if process.isRunning { kill(process.processIdentifier, SIGKILL) } }
    try awaitEvent { catchesInterrupts(process) }
    Thread.sleep(forTimeInterval: 1)
    process.interrupt()
    let octets = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    #expect(process.terminationStatus == 0)
    let summary = try JSONDecoder().decode(Summary.self, from: octets)
    #expect(summary.rounds > 1)
    #expect(summary.diverged == 0)
  }

  /// Whether a process has said what it does on Ctrl-C.
  private func catchesInterrupts(_ process: Process) -> Bool {
    let path = "/proc/\(process.processIdentifier)/status"
    guard let status = try? String(contentsOfFile: path, encoding: .utf8),
      let mask = status.firstMatch(of: #/SigCgt:\s+([\da-f]+)/#),
      let bits = UInt64(mask.1, radix: 16)
    else { return false }
    return bits >> UInt64(SIGINT - 1) & 1 == 1
  }

  @Test func `of several traces of a folder none is replayed without end`() throws {
    _ = try folder.write("twin.ringtrace", Data(contentsOf: URL(filePath: trace)))
    let run = try CommandRun("replay", folder.url.path, "--loop", "0")
    #expect(run.code == 64)
    #expect(run.output.isEmpty)
  }

  @Test(arguments: [
    ["--pace", "slow"], ["--pace", "x0"], ["--pace", "x-1"], ["--pace", "xinf"], ["--pace", "2"],
    ["--loop", "-1"], ["--loop", "2", "-"], ["--loop", "0", "another"],
    ["--path", "all", "--loop", "2"], ["--path", "all", "--pace", "recorded"],
  ])
  func `wrong usage ends with 64 and a line`(_ arguments: [String]) throws {
    let run = try CommandRun(["replay", trace] + arguments)
    #expect(run.code == 64)
    #expect(run.output.isEmpty)
    #expect(run.errors.hasPrefix("Error: "))
  }
}
