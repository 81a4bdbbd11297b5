internal import Foundation
internal import Testing

@Suite struct `Traces of live backends` {
  @Test func `the Swift netback does all that the recorded kernel did`() throws {
    let root = URL(filePath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
    let run = try CommandRun("replay", root.appending(path: "Corpus/field").path)
    #expect(run.code == 0, "\(run.output)\(run.errors)")
    #expect(run.output.contains("diverged 0"))
  }
}
