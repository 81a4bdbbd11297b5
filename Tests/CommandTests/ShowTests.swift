internal import Foundation
internal import Testing

@Suite struct ShowTests {
  let folder: ScratchFolder

  init() throws { folder = try ScratchFolder() }

  @Test func `a trace is summed up, for people and as JSON`() throws {
    let path = try folder.write("a.ringtrace", SampleTrace.octets())
    let run = try CommandRun("show", path)
    #expect(run.code == 0)
    #expect(run.errors.isEmpty)
    #expect(run.output.contains("complete"))
    #expect(run.output.contains("\n  events       1000 in 0.999 s\n"))
    let json = try CommandRun("show", "--json", path)
    #expect(json.output.contains("\"events\":1000"))
    #expect(json.errors == run.output)
  }

  @Test func `a trace comes through a pipe`() throws {
    let run = try CommandRun("show", "-", input: SampleTrace.octets())
    #expect(run.code == 0)
    #expect(run.output.hasPrefix("standard input: "))
  }

  @Test func `a folder is searched for traces`() throws {
    _ = try folder.write("b.ringtrace", SampleTrace.octets())
    _ = try folder.write("c.txt", Data("not a trace".utf8))
    let run = try CommandRun("show", folder.url.path)
    #expect(run.code == 0)
    #expect(run.output.hasPrefix(folder.path("b.ringtrace") + ": "))
  }

  @Test func `a trace that was cut is shown up to its end, with a warning`() throws {
    let path = try folder.write("cut.ringtrace", SampleTrace.octets().dropLast(10))
    let run = try CommandRun("show", path)
    #expect(run.code == 0)
    #expect(run.output.contains("truncated"))
    #expect(run.errors.contains("cut.ringtrace: truncated"))
  }
}
