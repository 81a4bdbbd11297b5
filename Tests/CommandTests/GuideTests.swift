internal import Foundation
internal import Testing

/// What a guide shows is typed, line by line; a guide that has grown wrong fails.
@Suite struct `A guide` {
  @Test(arguments: ["README", "FieldBug", "CheckingABackend", "EmbeddingTheNetback"])
  func `shows what its commands print, from its first line to its last`(_ name: String) throws {
    try expectSession(of: name, atLeast: 2)
  }

  @Test(.enabled(if: Self.hasEngine, "there is no fuzz engine beside ringside: make fuzzer"))
  func `to fuzzing shows what its commands print`() throws {
    try expectSession(of: "FuzzingInCI", atLeast: 10)
  }

  private static var hasEngine: Bool {
    let programs = CommandRun.program.deletingLastPathComponent()
    return FileManager.default.isExecutableFile(
      atPath: programs.appending(path: "ringside-fuzz").path)
  }

  private func expectSession(of name: String, atLeast count: Int) throws {
    let guide = try GuideSession(name)
    let outputs = try guide.run()
    #expect(outputs.count == guide.steps.count && outputs.count >= count)
    for (step, output) in zip(guide.steps, outputs) {
      let isRight = try output.wholeMatch(of: Regex(step.pattern)) != nil
      #expect(isRight, "\(name): $ \(step.command)\nprints\n\(output)")
    }
  }

  @Test(
    .enabled(if: !FileManager.default.fileExists(atPath: "/dev/xen"), "there is a Xen here"),
    arguments: ["FieldBug", "CheckingABackend"])
  func `has commands for a Xen host that are understood, and lack nothing but that`(
    _ name: String
  ) throws {
    let commands = try GuideSession(name).hostCommands
    #expect(commands.count >= 3)
    for command in commands {
      let run = try GuideSession.shell(command)
      let isUnderstood = command == "ringside doctor" ? run.code == 0 : run.code == 3
      #expect(isUnderstood, "\(command) ends with \(run.code)\n\(run.output)")
    }
  }

  @Test func `to embedding quotes a program that is built`() throws {
    let example = "Examples/EmbeddedNetback/"
    let sources = try FileManager.default.contentsOfDirectory(
      at: Repository.file(example + "Sources"), includingPropertiesForKeys: nil)
    let all = try ([Repository.file(example + "Package.swift")] + sources).map {
      try String(contentsOf: $0, encoding: .utf8)
    }
    let quotes = try GuideSession("EmbeddingTheNetback").quotes
    #expect(quotes.count >= 4)
    for quote in quotes { #expect(all.contains { $0.contains(quote) }, "\(quote)") }
  }

  @Test(arguments: ["README", "FieldBug", "FuzzingInCI", "CheckingABackend", "EmbeddingTheNetback"])
  func `links to what is there`(_ name: String) throws {
    let file = GuideSession.file(name)
    let text = try String(contentsOf: file, encoding: .utf8)
    let links = text.matches(of: #/\]\(([^)#:]+)(?:#[^)]*)?\)/#).map { String($0.1) }
    #expect(links.count >= 3)
    for link in links {
      let target = file.deletingLastPathComponent().appending(path: link).standardized.path
      #expect(FileManager.default.fileExists(atPath: target), "\(link)")
    }
  }

  @Test func `is linked from the README, with each other one`() throws {
    let readme = try String(contentsOf: Repository.file("README.md"), encoding: .utf8)
    let guides = try FileManager.default.contentsOfDirectory(
      atPath: Repository.file("Documentation/Guides").path)
    #expect(guides.count == 4)
    for guide in guides {
      let isLinked = readme.contains("(Documentation/Guides/\(guide))")
      #expect(isLinked, "\(guide)")
    }
  }
}
