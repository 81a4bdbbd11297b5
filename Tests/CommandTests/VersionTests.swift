internal import Testing

@Suite struct VersionTests {
  @Test func `the version says what is built in or shared, in one line`() throws {
    let run = try CommandRun("--version")
    #expect(run.code == 0)
    #expect(run.output.hasPrefix("ringside 0.1.0 ("))
    #expect(run.output.contains(" libxen"))
    #expect(run.output.contains(" zlib"))
    #expect(run.output.split(separator: "\n").count == 1)
  }

  @Test func `the version names every library that the doctor looks for`() throws {
    let version = try CommandRun("--version").output
    let looked = try CommandRun("doctor").output.split(separator: "\n")
      .compactMap { $0.split(separator: " ").first }.filter { $0.contains(".so.") }
    #expect(looked.count == 3)
    for library in looked { #expect(version.contains(library)) }
  }

  @Test func `a trace knows the version without its features`() throws {
    let folder = try ScratchFolder()
    let trace = folder.path("guest.ringtrace")
    #expect(try CommandRun("record", "--simulate", "-c", "5", "-w", trace).code == 0)
    let shown = try CommandRun("show", trace)
    #expect(shown.output.contains("the backend itself, ringside 0.1.0; profile"))
  }
}
