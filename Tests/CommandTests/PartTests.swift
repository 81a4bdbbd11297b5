internal import Foundation
internal import Testing

@Suite struct PartTests {
  let folder: ScratchFolder
  let trace: String

  init() throws {
    folder = try ScratchFolder()
    trace = folder.path("guest.ringtrace")
    let run = try CommandRun(
      "record", "--simulate", "-s", "64", "-c", "60", "--queues", "2", "-w", trace)
    #expect(run.code == 0)
  }

  @Test(arguments: [
    ["--from", "100"], ["--from", "0.00001s"], ["--from", "packet:20"], ["--from", "tx:9"],
    ["--from", "0.1:rx:2"], ["--to", "500"], ["--from", "-100"],
    ["--from", "-packet:5"], ["--from", "packet:10", "--to", "packet:20"],
    ["--queue", "0"], ["--queue", "0.1"], ["--queue", "0", "--queue", "1"],
    ["--from", "100", "--queue", "1", "--loop", "2", "--pace", "x100"],
  ])
  func `a part of a trace is replayed`(_ arguments: [String]) throws {
    let run = try CommandRun(["replay", trace] + arguments)
    #expect(run.code == 0)
    #expect(run.output.hasPrefix("\(trace): the same\n"))
  }

  @Test(arguments: [
    (["--from", "9999999"], "the place to judge from is not in it; it has "),
    (["--from", "control:3"], "the place to judge from is not in it; it has "),
    (["--from", "20", "--to", "10"], "--to stands before --from, or at it"),
    (["--queue", "5"], "there is no queue 5"),
    (["--queue", "3.0"], "there is no queue 0 of vif 3"),
  ])
  func `a part that is not there is told in one line`(
    _ arguments: [String], _ words: String
  ) throws {
    let run = try CommandRun(["replay", trace] + arguments)
    #expect(run.code == 2)
    #expect(run.output.isEmpty)
    #expect(run.errors.hasPrefix("ringside: \(trace): \(words)"))
    #expect(run.errors.count { $0 == "\n" } == 1)
  }

  @Test func `a place that is counted from the end is none of a pipe's`() throws {
    let octets = try Data(contentsOf: URL(filePath: trace))
    let run = try CommandRun("replay", "-", "--from", "-100", input: octets)
    #expect(run.code == 2)
    #expect(run.errors.hasPrefix("ringside: standard input: where a pipe ends is not known"))
  }

  @Test(arguments: ["show", "replay"], ["packet:", "tx:-1", "ry:1", "a.b:tx:1", "tx:1:2:3", "1m"])
  func `a place that is none is wrong usage`(_ verb: String, _ place: String) throws {
    let run = try CommandRun(verb, trace, "--from", place)
    #expect(run.code == 64)
    #expect(run.errors.contains("--from"))
  }

  @Test(arguments: ["", "x", "0.0.0", "-1", "65536"])
  func `a queue that is none is wrong usage`(_ queue: String) throws {
    #expect(try CommandRun("replay", trace, "--queue", queue).code == 64)
  }
}
