internal import Foundation
internal import Testing

/// `ringside show --as`: what becomes of one scenario.
@Suite struct ExportTests {
  private static let tests = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "..")
  let folder: ScratchFolder
  let scenario: String

  init() throws {
    folder = try ScratchFolder()
    scenario = try folder.write("page-crossing.scenario", Data(ExplainTests.packet.utf8))
  }

  /// A file of the Fuzzer's tests, which compile and run it.
  private static func exported(_ name: String) throws -> String {
    try String(
      contentsOf: tests.appending(path: "FuzzerTests/Exported/\(name).swift"), encoding: .utf8)
  }

  private static func corpus(_ path: String) -> String {
    tests.appending(path: "../Corpus/\(path)").path
  }

  @Test func `a scenario becomes a test, which is one of the Fuzzer's`() throws {
    let run = try CommandRun("show", scenario, "--as", "swift-test")
    #expect(run.code == 0 && run.errors.isEmpty)
    #expect(run.output == (try Self.exported("page-crossing")))
  }

  @Test func `a life becomes one, which is called as the file that is written`() throws {
    let life = Self.corpus("advisories/2026-zero-queues/case.scenario")
    let file = folder.path("zero-queues.swift")
    let run = try CommandRun("show", life, "--as", "swift-test", "-w", file)
    #expect(run.code == 0 && run.output.isEmpty)
    #expect(try folder.text("zero-queues.swift") == Self.exported("zero-queues"))
  }

  @Test func `what the one guest of a trace did becomes one`() throws {
    let trace = folder.path("page-crossing.ringtrace")
    #expect(try CommandRun("show", scenario, "-w", trace).code == 0)
    let run = try CommandRun("show", trace, "--as", "swift-test")
    #expect(run.code == 0)
    #expect(run.output.contains("    # guest cut off by tx/page-crossing\n"))
  }

  @Test func `a trace of more is refused, with what to do`() throws {
    let trace = Self.corpus("field/loopback.ringtrace")
    let run = try CommandRun("show", trace, "--as", "swift-test")
    #expect(run.code == 2 && run.output.isEmpty)
    #expect(run.errors.hasPrefix("ringside: \(trace): gives "))
    #expect(run.errors.hasSuffix("; ringside show --scenarios writes them\n"))
  }

  @Test func `JSON has the source and its form`() throws {
    let run = try CommandRun("show", scenario, "--as", "swift-test", "--json")
    #expect(run.code == 0)
    #expect(run.output.hasPrefix(#"{"form":"swift-test","source":"import Fuzzer\n"#))
  }

  @Test func `text is the form that --text asks for`() throws {
    let run = try CommandRun("show", scenario, "--as", "text")
    #expect(run.code == 0 && run.output.hasPrefix("ringside-trace 1.0\n"))
    #expect(run.output == (try CommandRun("show", scenario, "--text").output))
  }

  @Test(arguments: [
    ["--as", "perl"], ["--as", "text", "--text"], ["--as", "text", "-w", "x"],
    ["--as", "swift-test", "--text"], ["--as", "swift-test", "--from", "1"],
    ["--as", "swift-test", "--headers-only", "-w", "x"],
    ["--as", "swift-test", "--scenarios", "x"],
  ])
  func `wrong usage ends with 64`(_ words: [String]) throws {
    #expect(try CommandRun(["show", scenario] + words).code == 64)
  }

  @Test func `two scenarios are one too many`() throws {
    #expect(try CommandRun("show", scenario, scenario, "--as", "swift-test").code == 64)
  }
}
