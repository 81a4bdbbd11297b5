internal import Foundation
internal import Testing

@Suite struct RedactionTests {
  let folder: ScratchFolder
  let out: String

  init() throws {
    folder = try ScratchFolder()
    out = folder.path("sent.ringtrace")
  }

  private static let field = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "../../Corpus/field").standardized.path

  private func field(_ name: String) -> String { "\(Self.field)/\(name).ringtrace" }

  @Test(arguments: [
    ["--headers-only"], ["--snaplen", "60"], ["-s", "0"], ["--scramble", "key"],
    ["--headers-only", "--scramble", "key"],
  ])
  func `a redacted trace replays, says what was done and is proven`(_ options: [String]) throws {
    let trace = field("control")
    let run = try CommandRun(["show", trace, "-w", out] + options)
    #expect(run.code == 0, "\(run.errors)")
    #expect(run.output.contains("\n  redacted     "))
    let replay = try CommandRun("replay", out)
    #expect(replay.code == 0, "\(replay.output)")
    #expect(replay.output.contains(", diverged 0\n"))
    let check = try CommandRun("show", out, "--check-redaction", "--original", trace)
    #expect(check.code == 0, "\(check.output)")
    #expect(check.output.contains(": proven; "))
  }

  @Test func `the key makes the proof whole, and another one none`() throws {
    let trace = field("control")
    #expect(try CommandRun("show", trace, "-w", out, "--scramble", "key").code == 0)
    let check = ["show", out, "--check-redaction", "--original", trace]
    #expect(try CommandRun(check + ["--scramble", "key"]).code == 0)
    let other = try CommandRun(check + ["--scramble", "another"])
    #expect(other.code == 1)
    #expect(other.output.contains("not what redaction makes of the original's"))
  }

  @Test func `without the original nobody can say that octets were replaced`() throws {
    #expect(try CommandRun("show", field("cutoff"), "-w", out, "--scramble", "key").code == 0)
    let run = try CommandRun("show", out, "--check-redaction")
    #expect(run.code == 1)
    #expect(run.output.contains(": scramble: not proven; "))
    #expect(run.output.contains("can only be seen with --original\n"))
    #expect(run.errors == "ringside: 1 of 1 traces not proven\n")
  }

  @Test func `a trace that says nothing of it is not proven, and JSON says so too`() throws {
    let run = try CommandRun("show", "--json", field("cutoff"), "--check-redaction")
    #expect(run.code == 1)
    #expect(run.output.contains(#""proven":false"#))
    #expect(run.output.contains("nothing was left out or replaced"))
  }

  @Test func `an octet too many is named with its event`() throws {
    #expect(try CommandRun("show", field("cutoff"), "-w", out, "--headers-only").code == 0)
    let text = folder.path("sent.ringtext")
    #expect(try CommandRun("show", out, "-w", text).code == 0)
    let changed = try folder.text("sent.ringtext").replacing(
      #/delivered [^\n]* data=[0-9a-f]+/#, maxReplacements: 1
    ) { "\($0.0)00" }
    _ = try folder.write("sent.ringtext", Data(changed.utf8))
    #expect(try CommandRun("show", text, "-w", out).code == 0)
    let run = try CommandRun("show", out, "--check-redaction")
    #expect(run.code == 1)
    #expect(run.output.contains(#/\n  event \d+: more than was to be left: .* delivered /#))
  }

  @Test func `a trace comes through a pipe and is redacted on its way`() throws {
    let octets = try Data(contentsOf: URL(filePath: field("cutoff")))
    let run = try CommandRun(["show", "-", "-w", out, "--headers-only"], input: octets)
    #expect(run.code == 0)
    #expect(try CommandRun("show", out, "--check-redaction").code == 0)
  }

  @Test(arguments: [
    ["--headers-only"], ["--scramble", ""], ["--original", "a"],
    ["--check-redaction", "--snaplen", "4"], ["--check-redaction", "--scramble", "key"],
    ["--check-redaction", "--text"], ["--check-redaction", "-w", "a"], ["--snaplen", "-1"],
  ])
  func `wrong usage ends with 64`(_ options: [String]) throws {
    #expect(try CommandRun(["show", field("cutoff")] + options).code == 64)
  }

  @Test func `the text form is no file to prove anything of`() throws {
    let text = folder.path("cutoff.ringtext")
    #expect(try CommandRun("show", field("cutoff"), "-w", text, "--headers-only").code == 0)
    let run = try CommandRun("show", text, "--check-redaction")
    #expect(run.code == 2)
    #expect(run.errors.contains("the text form may hold remarks"))
  }
}
