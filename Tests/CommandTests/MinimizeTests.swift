internal import Foundation
internal import TestSupport
internal import Testing

@Suite struct `ringside minimize` {
  static let nothing =
    "ringside: standard input: does not fail, played 3 times: nothing to make smaller; "

  @Test func `takes no scenario that does not fail`() throws {
    let run = try CommandRun(
      ["minimize", "-", "--tries", "3"], input: Data(ExplainTests.packet.utf8))
    #expect(run.code == 2)
    #expect(run.output.isEmpty)
    #expect(run.errors == Self.nothing + "--cut-off keeps that a guest is cut off\n")
  }

  @Test func `makes of a recorded guest that was cut off the one slot that did it`() throws {
    let folder = try ScratchFolder()
    let (flights, small) = (folder.path("flights"), folder.path("small.scenario"))
    let recorded = try CommandRun(
      "record", "--simulate", "--hostile-after", "300", "--flight", "1M", "--trigger", "fatal",
      "-a",
      "files:1", "-w", flights)
    #expect(recorded.code == 0, "\(recorded.errors)")
    let trace = try #require(
      FileManager.default.contentsOfDirectory(atPath: flights).first.map { "\(flights)/\($0)" })
    let run = try CommandRun("minimize", trace, "--cut-off", "-w", small, "--json")
    #expect(run.code == 0, "\(run.errors)")
    #expect(run.output.contains("the guest is cut off by tx/page-crossing"))
    #expect(run.errors.hasPrefix("2 of "))
    #expect(run.errors.hasSuffix(" runs; the guest is cut off by tx/page-crossing\n"))
    let told = try CommandRun("explain", small)
    #expect(told.output.contains("1: publish ") && !told.output.contains("2: "))
    #expect(told.output.contains("guest cut off by tx/page-crossing"))
    // And what it is made of is a test.
    let source = try CommandRun("show", small, "--as", "swift-test")
    #expect(source.code == 0)
    #expect(source.output.contains("# guest cut off by tx/page-crossing"))
  }

  @Test func `finds no guest that is cut off among honest ones`() throws {
    let folder = try ScratchFolder()
    let trace = folder.path("guest.ringtrace")
    _ = try CommandRun("record", "--simulate", "-c", "200", "-w", trace)
    let run = try CommandRun("minimize", trace, "--cut-off")
    #expect(run.code == 2)
    #expect(
      run.errors
        == "ringside: \(trace): no guest is cut off in it: nothing to make smaller\n")
    #expect(try CommandRun("minimize", trace).errors.contains("does not fail, played once"))
  }

  @Test(arguments: [[], ["-", "--tries", "0"], ["-", "--cut-off", "--engine", "/bin/true"]])
  func `ends with 64 for wrong words`(_ words: [String]) throws {
    #expect(try CommandRun(["minimize"] + words).code == 64)
  }
}
