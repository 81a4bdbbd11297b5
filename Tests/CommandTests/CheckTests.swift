internal import Foundation
internal import Testing

@Suite struct CheckTests {
  @Test(arguments: ["linux", "netif"])
  func `a rule is checked cell by cell`(_ profile: String) throws {
    let run = try CommandRun("check", "tx/minimum-size", "--profile", profile)
    #expect(run.code == 0)
    #expect(run.errors.isEmpty)
    #expect(run.output.hasSuffix("432 of 432 cells agree, profile \(profile)\n"))
    #expect(run.output.split(separator: "\n").count == 3)
  }

  @Test func `one cell is shown slot by slot, beside what must come of it`() throws {
    let run = try CommandRun("check", "tx/page-crossing/above/slot-1-of-2/extras-0")
    #expect(run.code == 0)
    let lines = run.output.split(separator: "\n")
    #expect(lines.first == "tx/page-crossing/above/slot-1-of-2/extras-0, profile linux")
    #expect(lines.count { $0.contains(" fetched tx-slot ") } == 3)
    #expect(lines.suffix(2) == ["wanted  D - - -", "got     D - - -"])
  }

  @Test(arguments: ["rx/grant/at/slot-0-of-1", "control/algorithm/above/behind-0/queues-1"])
  func `a cell of another ring is shown by its answers`(_ name: String) throws {
    let run = try CommandRun("check", name)
    #expect(run.code == 0)
    let lines = run.output.split(separator: "\n")
    #expect(lines.count == 3)
    #expect(lines.last?.dropFirst(8) == lines.dropLast().last?.dropFirst(8))
  }

  @Test func `the list names each rule`() throws {
    let run = try CommandRun("check", "--list")
    #expect(run.code == 0)
    #expect(run.output.split(separator: "\n").count == 34)
    for rule in ["tx/minimum-size: ", "tx/page-crossing: ", "tx/slot-limit: "] {
      #expect(run.output.contains(rule))
    }
  }

  @Test func `the JSON of a check is an object for each rule`() throws {
    let run = try CommandRun("check", "tx/slot-limit", "--json")
    #expect(run.code == 0)
    let object = try JSONSerialization.jsonObject(with: Data(run.output.utf8)) as? [String: Any]
    #expect(object?["rule"] as? String == "tx/slot-limit")
    #expect(object?["agreed"] as? Int == 144)
    #expect(run.errors.contains("144 of 144 cells agree"))
  }

  /// The repository's own.
  private static let advisories = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "../../Corpus/advisories").standardized.path

  @Test func `a folder of scenarios is checked like a rule`() throws {
    let run = try CommandRun("check", Self.advisories)
    #expect(run.code == 0)
    let lines = run.output.split(separator: "\n")
    #expect(lines.contains { $0.hasPrefix("xsa-039-producer ") })
    #expect(lines.last == "\(lines.count - 2) of \(lines.count - 2) cells agree, profile linux")
  }

  @Test(arguments: ["map", "map-large", "lazy"])
  func `advisories agree by each path`(_ path: String) throws {
    let run = try CommandRun("check", Self.advisories, "--path", path)
    #expect(run.code == 0)
  }

  @Test(arguments: [["tx/minimum-size"], []])
  func `a path is for scenarios`(_ rule: [String]) throws {
    #expect(try CommandRun(["check"] + rule + ["--path", "map"]).code == 64)
  }

  @Test func `a scenario with another outcome than is written down differs`() throws {
    let folder = try ScratchFolder()
    try FileManager.default.copyItem(
      atPath: Self.advisories + "/xsa-039-producer", toPath: folder.path("lies"))
    try Data("0: nothing\n".utf8).write(to: URL(filePath: folder.path("lies/outcome.txt")))
    let run = try CommandRun("check", folder.url.path)
    #expect(run.code == 1)
    #expect(run.errors.contains("1 cells differ; see one with ringside explain "))
    #expect(run.errors.contains("lies/case.scenario"))
  }

  @Test func `a folder without scenarios is no input`() throws {
    let folder = try ScratchFolder()
    let run = try CommandRun("check", folder.url.path)
    #expect(run.code == 2)
    #expect(run.errors.contains("no folder in it has a case.scenario"))
  }

  @Test(
    .enabled(if: !FileManager.default.fileExists(atPath: "/dev/xen"), "there is a Xen here"),
    arguments: ["xen", "kernel", "vif"])
  func `a netback of this host is not asked where there is no Xen`(_ backend: String) throws {
    let run = try CommandRun("check", "tx/minimum-size", "--on", backend)
    #expect(run.code == 3)
    #expect(run.errors.split(separator: "\n").count == 1)
    #expect(run.errors.contains("ringside doctor"))
  }

  @Test(arguments: [
    ["--vif", "vif5.0"], ["--on", "kernel", "--backend", "3"],
    ["--on", "vif", "--vif", "vif5.0", "--backend", "3"], ["--on", "vif", "--vif", "5"],
  ])
  func `a vif is named where one is played on`(_ options: [String]) throws {
    let run = try CommandRun(["check", "tx/minimum-size"] + options)
    #expect(run.code == 64)
    #expect(run.output.isEmpty)
  }

  @Test func `Linux's netback has one profile`() throws {
    let run = try CommandRun("check", "--on", "kernel", "--profile", "netif")
    #expect(run.code == 64)
    #expect(run.errors.contains("--on kernel goes with --profile linux"))
  }

  @Test(arguments: ["tx/nonsense", "tx/minimum-size/at/slot-1-of-2/extras-0", ""])
  func `a rule that is none ends with 64`(_ name: String) throws {
    let run = try CommandRun("check", name)
    #expect(run.code == 64)
    #expect(run.output.isEmpty)
    #expect(
      run.errors.contains("There is no rule, cell or folder \"\(name)\"; ringside check --list"))
  }
}
