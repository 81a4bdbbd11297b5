internal import Foundation
internal import Testing

@Suite struct `Traces of live backends` {
  @Test(arguments: ["copy", "map", "staged"])
  func `the Swift netback does all that the recorded kernel did`(_ path: String) throws {
    let root = URL(filePath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
    let run = try CommandRun("replay", "--path", path, root.appending(path: "Corpus/field").path)
    #expect(run.code == 0, "\(run.output)\(run.errors)")
    #expect(run.output.contains("diverged 0"))
  }
}
