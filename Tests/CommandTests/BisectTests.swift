internal import Foundation
internal import Testing

@Suite struct BisectTests {
  /// Bisects; the shell's words judge.
  private func bisect(
    _ ends: [String], _ judge: String, input: String = ""
  ) throws -> CommandRun {
    try CommandRun(["bisect"] + ends + ["--", "sh", "-c", judge], input: Data(input.utf8))
  }

  @Test func `each try is told, and the first bad one`() throws {
    let run = try bisect(["--good", "0", "--bad", "10"], "test {} -lt 7")
    #expect(run.code == 0 && run.errors.isEmpty)
    #expect(
      run.output == """
        0: good
        10: bad, code 1
        5: good, 4 left
        7: bad, code 1, 1 left
        6: good, 0 left
        last good: 6
        first bad: 7

        """)
  }

  @Test(arguments: [1, 2, 57, 99, 100])
  func `the first bad one is found wherever it is`(_ first: Int) throws {
    let run = try bisect(["--good", "0", "--bad", "100"], "test {} -lt \(first)")
    #expect(run.code == 0 && run.output.hasSuffix("\nfirst bad: \(first)\n"))
    #expect(run.output.count { $0 == "\n" } <= 2 + 7 + 2)
  }

  @Test func `a row may go down`() throws {
    let run = try bisect(["--good", "9", "--bad", "2"], "test {} -gt 4")
    #expect(run.code == 0 && run.output.hasSuffix("\nlast good: 5\nfirst bad: 4\n"))
  }

  @Test(arguments: [(["a", "e"], "d"), (["e", "a"], "b")])
  func `a row may be lines of a list, in either direction`(
    _ ends: [String], _ first: String
  ) throws {
    let judge = "case {} in \(ends[0]) | c | \(first == "d" ? "b" : "d") ) ;; *) exit 1 ;; esac"
    let run = try bisect(
      ["--among", "-", "--good", ends[0], "--bad", ends[1]], judge, input: "x\na\nb\nc\nd\ne\ny\n")
    #expect(run.code == 0 && run.output.hasSuffix("\nlast good: c\nfirst bad: \(first)\n"))
  }

  @Test func `one that cannot be judged is passed over`() throws {
    let run = try bisect(
      ["--good", "0", "--bad", "10"], "test {} -ne 5 || exit 125; test {} -lt 7")
    #expect(run.code == 0)
    #expect(run.output.contains("\n5: skipped, 8 left\n4: good, 4 left\n"))
    #expect(run.output.hasSuffix("\nfirst bad: 7\n"))
  }

  @Test func `where all that is left cannot be judged that is said`() throws {
    let run = try bisect(
      ["--good", "0", "--bad", "8"], "test {} -lt 3 || test {} -gt 5 || exit 125; test {} -lt 3")
    #expect(run.code == 1)
    #expect(run.output.hasSuffix("\nlast good: 2\nfirst bad: 6, or one of the 3 before it\n"))
    #expect(run.errors == "ringside: 3 between 2 and 6 are not judged\n")
  }

  @Test(arguments: [("exit 1", "0: bad, said to be good"), ("exit 0", "9: good, said to be bad")])
  func `an end that is not what it is said to be is told`(_ judge: String, _ words: String) throws {
    let run = try bisect(["--good", "0", "--bad", "9"], "\(judge) # {}")
    #expect(run.code == 2 && run.errors == "ringside: \(words)\n")
  }

  @Test(arguments: [
    ("exit 126", "sh ended with code 126"), ("kill -9 $$", "sh was killed by signal 9"),
  ])
  func `an end of the command that judges nothing ends the search`(
    _ judge: String, _ words: String
  ) throws {
    let run = try bisect(["--good", "0", "--bad", "9"], "\(judge) # {}")
    #expect(run.code == 4 && run.errors == "ringside: 0: \(words), which judges nothing\n")
  }

  @Test func `a command that is not there judges nothing`() throws {
    let run = try CommandRun("bisect", "--good", "0", "--bad", "9", "--", "/no/such", "{}")
    #expect(run.code == 4)
    #expect(
      run.errors.hasSuffix("ringside: 0: /no/such ended with code 127, which judges nothing\n"))
  }

  @Test func `what the command prints goes to standard error, JSON to standard output`() throws {
    let run = try bisect(["--good", "0", "--bad", "1", "--json"], "echo ran {}; test {} -lt 1")
    #expect(run.code == 0)
    #expect(run.errors.contains("ran 0\n") && run.errors.contains("first bad: 1\n"))
    #expect(
      run.output == """
        {"candidate":"0","code":0,"verdict":"good"}
        {"candidate":"1","code":1,"verdict":"bad"}
        {"firstBad":"1","lastGood":"0","skipped":0}

        """)
  }

  @Test func `a list without an end is told`() throws {
    let run = try bisect(["--among", "-", "--good", "a", "--bad", "z"], "true {}", input: "a\nb\n")
    #expect(run.code == 2 && run.errors == "ringside: -: has no line z\n")
    let none = try bisect(["--among", "/no/such", "--good", "a", "--bad", "z"], "true {}")
    #expect(none.code == 4 && none.errors == "ringside: /no/such: cannot be read\n")
  }

  @Test(arguments: [
    ["--good", "0", "--bad", "9"], ["--good", "0", "--bad", "9", "--", "true"],
    ["--good", "0", "--", "true", "{}"], ["--good", "0", "--bad", "0", "--", "true", "{}"],
    ["--good", "a", "--bad", "b", "--", "true", "{}"],
    ["--good", "0", "--bad", "99999999999999999999", "--", "true", "{}"],
  ])
  func `wrong usage ends with 64`(_ words: [String]) throws {
    #expect(try CommandRun(["bisect"] + words).code == 64)
  }

  @Test func `the event from which on a trace diverges is found`() throws {
    let folder = try ScratchFolder()
    let packet = ExplainTests.packet.replacing("offset=4090", with: "offset=0")
    let scenario = try folder.write("case.scenario", Data(packet.utf8))
    let text = folder.path("case.ringtext")
    #expect(try CommandRun("show", scenario, "-w", text).code == 0)
    let changed = try folder.text("case.ringtext").replacing("status=okay", with: "status=error")
    _ = try folder.write("case.ringtext", Data(changed.utf8))
    let ringside = CommandRun.program.path
    let part = folder.path("part.ringtrace")
    let judge = "\(ringside) show \(text) --to {} -w \(part) && \(ringside) replay \(part)"
    let events = changed.split(separator: "\nevents\n")[1].split(separator: "\n")
    let run = try bisect(["--good", "1", "--bad", "\(events.count)"], judge)
    #expect(run.code == 0, "\(run.errors)")
  }
}
