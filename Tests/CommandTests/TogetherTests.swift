internal import Foundation
internal import Testing

@Suite struct TogetherTests {
  let folder: ScratchFolder
  let traces: [String]

  init() throws {
    let folder = try ScratchFolder()
    self.folder = folder
    traces = ["a.ringtrace", "b.ringtrace"].map(folder.path)
    for (seed, trace) in traces.enumerated() {
      let run = try CommandRun(
        "record", "--simulate", "-s", "64", "-c", "40", "--seed", "\(seed)", "-w", trace)
      #expect(run.code == 0)
    }
  }

  @Test(arguments: ["clock", "start"])
  func `traces are replayed at once, with a verdict for each and a sum`(
    _ alignment: String
  ) throws {
    let run = try CommandRun(["replay", "--together", alignment, folder.url.path])
    #expect(run.code == 0)
    for trace in traces { #expect(run.output.contains("\(trace): the same\n")) }
    #expect(run.output.contains(#/\n2 traces: recorded \d+, .*, diverged 0\n$/#))
  }

  @Test func `programs get an object for each trace and one for all`() throws {
    let run = try CommandRun(
      ["replay", "--together", "start", "--json", "--pace", "x100", "--loop", "2"] + traces)
    #expect(run.code == 0)
    let lines = run.output.split(separator: "\n")
    #expect(lines.count == 3)
    #expect(lines.allSatisfy { $0.contains(#""rounds":2"#) })
    #expect(lines.last?.contains(#""traces":2"#) == true)
    #expect(lines.last?.contains(#""p99_ns":"#) == true)
  }

  @Test func `a trace that is none ends all, by its name`() throws {
    let bad = try folder.write("c.ringtrace", Data("no trace".utf8))
    let run = try CommandRun(["replay", "--together", "start"] + traces + [bad])
    #expect(run.code == 2)
    #expect(run.output.isEmpty)
    #expect(run.errors == "ringside: \(bad): not a trace\n")
  }

  @Test(arguments: [
    ["--together", "moon"], ["--together", "clock", "--step"],
    ["--together", "clock", "--path", "all"],
  ])
  func `wrong usage ends with 64`(_ arguments: [String]) throws {
    #expect(try CommandRun(["replay"] + traces + arguments).code == 64)
  }

  @Test func `one trace alone is not together`() throws {
    let run = try CommandRun("replay", "--together", "clock", traces[0])
    #expect(run.code == 64)
    #expect(run.errors.contains("takes 2 to 64 traces, there are 1"))
  }
}
