internal import Foundation
internal import Testing

/// Scenarios become traces, and traces scenarios.
@Suite struct ScenarioTraceTests {
  let folder: ScratchFolder
  let scenario: String

  init() throws {
    folder = try ScratchFolder()
    scenario = try folder.write("case.scenario", Data(ExplainTests.packet.utf8))
  }

  @Test func `a scenario is shown as the trace that it makes, which replays`() throws {
    let trace = folder.path("case.ringtrace")
    let show = try CommandRun("show", scenario, "-w", trace)
    #expect(show.code == 0)
    #expect(show.output.contains("disabled     tx/page-crossing\n"))
    let replay = try CommandRun("replay", trace)
    #expect(replay.code == 0)
    #expect(replay.output.contains(", diverged 0\n"))
    let text = try CommandRun("show", scenario, "--text")
    #expect(
      text.output.contains(" fetched tx-slot 0 gref=101 offset=4090 flags=0x0 id=0 size=60\n"))
  }

  @Test func `a trace gives scenarios that tell the same`() throws {
    let (trace, seeds) = (folder.path("case.ringtrace"), folder.path("seeds"))
    #expect(try CommandRun("show", scenario, "-w", trace).code == 0)
    let run = try CommandRun("show", trace, "--scenarios", seeds)
    #expect(run.code == 0 && run.output == "\(trace): 1 scenarios in \(seeds)\n")
    let told = try CommandRun("explain", seeds + "/0001.scenario")
    #expect(told.output.hasSuffix("    guest cut off by tx/page-crossing\n"))
  }

  @Test func `scenarios are made of a part of a trace`() throws {
    let trace = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "../../Corpus/field/loopback.ringtrace").path
    let counts = try [[], ["--from", "-2000"], ["--from", "40000", "--to", "40002"]].map {
      let run = try CommandRun(["show", trace, "--scenarios", folder.path("seeds")] + $0)
      #expect(run.code == 0)
      return try #require(Int(run.output.split(separator: " ").dropFirst().first ?? ""))
    }
    #expect(counts[0] > counts[1] && counts[1] > counts[2])
  }

  @Test func `a life is told step by step, and shown as the trace of the vif that lives`() throws {
    let head = "ringside-life 1 profile=linux start=0x0 gso4=yes gso6=yes notifies=yes headroom=0"
    let life = try folder.write("case.scenario", Data("\(head)\nrelease\n".utf8))
    let told = try CommandRun("explain", life)
    #expect(told.code == 0 && told.output == "0: release\n")
    let show = try CommandRun("show", life, "-w", folder.path("life.ringtrace"))
    #expect(show.code == 0)
    #expect(show.output.contains("vif1.0: 0 queues"))
  }

  @Test func `a scenario that is wrongly written is told by line and column`() throws {
    let bad = try folder.write("bad.scenario", Data((ExplainTests.packet + "sned\n").utf8))
    let run = try CommandRun("show", bad)
    #expect(run.code == 2)
    #expect(run.errors.hasPrefix("ringside: \(bad): line 4, column 1: "))
  }

  @Test func `a scenario is not replayed, and what to do is said`() throws {
    let run = try CommandRun("replay", scenario)
    #expect(run.code == 2)
    #expect(run.errors.hasPrefix("ringside: \(scenario): a scenario, not a trace; "))
  }

  @Test(arguments: [["--text"], ["-w", "x.ringtrace"]])
  func `scenarios are all that is made of a trace at a time`(_ words: [String]) throws {
    let run = try CommandRun(["show", scenario, "--scenarios", folder.path("seeds")] + words)
    #expect(run.code == 64)
  }
}
