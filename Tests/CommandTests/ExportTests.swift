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
    // As plain as what `minimize` leaves of a trace.
    let plain = ExplainTests.packet.replacing("page=1", with: "page=0")
      .replacing("size=60", with: "size=14")
    let file = try folder.write("page-crossing.scenario", Data(plain.utf8))
    let run = try CommandRun("show", file, "--as", "swift-test")
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

  @Test func `a scenario becomes a program, word for word`() throws {
    let run = try CommandRun("show", scenario, "--as", "c")
    #expect(run.code == 0 && run.errors.isEmpty)
    let program = Self.tests.appending(path: "Programs/page-crossing.c")
    #expect(run.output == (try String(contentsOf: program, encoding: .utf8)))
  }

  @Test(arguments: [
    "send page=1 offset=4090 size=60 flags=0x0\npublish ring=tx beyond=0 tells=yes",
    "publish ring=tx beyond=1000 tells=no",
    "raw ring=tx word0=0x0 word1=0x0 word2=0x3c0009 word3=0x0\npublish ring=tx beyond=0 tells=no",
    """
    fill page=1 offset=0 length=60 octet=0x9
    word page=1 place=18 value=0x1234567
    listen ring=tx ahead=5
    send page=1 offset=0 size=100 flags=0x8
    extra type=1 flags=0x0 low=500 high=1
    send page=200 offset=0 size=20 flags=0x0
    publish ring=tx beyond=0 tells=yes
    pass ms=10
    reconnect
    publish ring=tx beyond=1 tells=yes
    """,
  ])
  func `a program compiles without a warning, whatever its steps`(_ steps: String) throws {
    let head = ExplainTests.packet.prefix { $0 != "\n" }
    let scenario = try folder.write("case.scenario", Data("\(head)\n\(steps)\n".utf8))
    let file = folder.path("case.c")
    #expect(try CommandRun("show", scenario, "--as", "c", "-w", file).code == 0)
    #expect(try complaints(about: file) == "")
  }

  @Test(arguments: [
    ("lie ahead=0 status=-8", "step 0, lie ahead=0 status=-8, is not a guest's to do"),
    ("publish ring=control beyond=1000 tells=yes", "has the guest cut off"),
    ("offer page=1", "nothing is published on the TX ring"),
  ])
  func `what no program can do is said`(_ step: String, _ words: String) throws {
    let head = ExplainTests.packet.prefix { $0 != "\n" }
    let run = try CommandRun(["show", "-", "--as", "c"], input: Data("\(head)\n\(step)\n".utf8))
    #expect(run.code == 2 && run.output.isEmpty)
    #expect(run.errors.contains(words) && run.errors.count { $0 == "\n" } == 1)
  }

  @Test func `steps about other rings are left out, which is said`() throws {
    let input = Data((ExplainTests.packet + "offer page=1\n").utf8)
    let run = try CommandRun(["show", "-", "--as", "c"], input: input)
    #expect(run.code == 0)
    #expect(run.errors == "ringside: standard input: 1 steps about other rings are not in it\n")
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

  /// What the toolchain's C compiler says of a file.
  private func complaints(about file: String) throws -> String {
    let (process, pipe) = (Process(), Pipe())
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = ["clang", "-Wall", "-Wextra", "-Werror", "-fsyntax-only", file]
    process.standardError = pipe
    try process.run()
    let words = try pipe.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    return String(decoding: words, as: UTF8.self)
  }
}
