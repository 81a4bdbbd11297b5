internal import Foundation
internal import Testing

@Suite struct StepTests {
  let folder: ScratchFolder
  let trace: String
  /// The same with another status in an answer.
  let altered: String

  init() throws {
    folder = try ScratchFolder()
    trace = folder.path("guest.ringtext")
    let binary = folder.path("guest.ringtrace")
    let run = try CommandRun("record", "--simulate", "-s", "64", "-c", "40", "-w", binary)
    #expect(run.code == 0)
    #expect(try CommandRun("show", binary, "-w", trace).code == 0)
    let text = try folder.text("guest.ringtext").replacing(
      #/(tx-response 2 .*)okay/#, maxReplacements: 1
    ) { "\($0.1)error" }
    altered = try folder.write("altered.ringtext", Data(text.utf8))
  }

  /// Walks as a script says, a word on each line.
  private func walk(
    _ path: String, _ arguments: [String] = [], _ script: String
  ) throws -> CommandRun {
    let lines = script.replacing(" ", with: "\n") + "\n"
    return try CommandRun(["replay", path, "--step"] + arguments, input: Data(lines.utf8))
  }

  /// The numbers of the events that are shown.
  private func numbers(_ run: CommandRun) -> [Int] {
    run.output.matches(of: #/(?m)^(\d+)  [\d.]+ \d+\.\d+ /#).compactMap { Int($0.1) }
  }

  @Test func `next shows an event with both sides of its ring`() throws {
    let run = try walk(trace, ["--from", "tx:0"], "next quit")
    #expect(run.code == 0)
    #expect(
      run.output.contains(
        #/^\d+  [\d.]+ 0\.0 fetched tx-slot 0 .*\n  tx frontend  req_prod \d+, rsp_event \d+\n/#
      ))
    #expect(run.output.contains(#/\n  tx backend   req_cons 1, req_event \d+, rsp_prod 0\n/#))
    #expect(
      run.output.contains(
        #/\n  outstanding  \d+ published and not taken, 1 taken and not answered\n/#))
    #expect(run.output.contains("\(trace): the same\n"))
  }

  @Test func `a number, and an empty line, go on from there`() throws {
    let run = try walk(trace, [], "n 3  n quit")
    #expect(numbers(run) == Array(0..<8))
    #expect(numbers(try walk(trace, ["--from", "10"], "2 q")) == [10, 11])
  }

  @Test func `the end of what is said is the end of the walk`() throws {
    let run = try CommandRun(["replay", trace, "--step"], input: Data("n\n".utf8))
    #expect(run.code == 0)
    #expect(numbers(run) == [0])
    #expect(run.output.contains("recorded 1, "))
  }

  @Test func `continue goes to where the replay diverges, and then to the end`() throws {
    let run = try walk(altered, [], "continue continue")
    #expect(run.code == 1)
    #expect(run.output.contains(#/\n  replayed     a turn of \d+ events, 1 differ\n  diverg/#))
    #expect(run.output.contains(#/\n  > .* tx-response 2 .*status=error\n/#))
    #expect(run.output.contains("\nthe end\n"))
    #expect(run.output.contains("diverged 1\n"))
    let stopped = try walk(altered, [], "99999999 quit")
    #expect(stopped.code == 1)
    #expect(!stopped.output.contains("\nthe end\n"))
  }

  @Test func `without a difference continue goes to the end`() throws {
    let run = try walk(trace, [], "c n n")
    #expect(run.code == 0)
    #expect(run.output.hasPrefix("the end\n\(trace): the same\n"))
  }

  @Test func `what nobody knows is answered with what can be said`() throws {
    let run = try walk(trace, [], "jump 0 quit")
    #expect(run.code == 0)
    #expect(run.output.components(separatedBy: "next [N] or N: so many events; ").count == 3)
  }

  @Test func `the walk is for people, the verdict for programs`() throws {
    let run = try walk(trace, ["--json"], "3 quit")
    #expect(run.output.hasPrefix("{"))
    #expect(run.output.count { $0 == "\n" } == 1)
    #expect(run.errors.contains("the same\n"))
  }

  @Test(arguments: [
    ["-"], ["another"], ["--pace", "recorded"], ["--loop", "2"], ["--path", "all"],
  ])
  func `wrong usage ends with 64`(_ arguments: [String]) throws {
    let run = try walk(trace, arguments, "quit")
    #expect(run.code == 64)
    #expect(run.output.isEmpty)
  }
}
