import FaultyTwins
import Foundation
import Fuzzer
import Testing
import TraceFormat

/// The scenarios of `Corpus/advisories`.
@Suite struct `A public advisory` {
  static let folder = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "../../Corpus/advisories")

  static func text(_ name: String, _ file: String) throws -> String {
    try String(contentsOf: folder.appending(path: "\(name)/\(file)"), encoding: .utf8)
  }

  static func scenario(_ name: String) throws -> Scenario {
    try Scenario(text: MemorySource(Array(text(name, "case.scenario").utf8)))
  }

  static let names = FaultyTwin.all.map(\.name)

  /// Twins that have a part of another's fault: who looks at no status believes the wrong ones, too, who copies
  /// from the first slot alone cannot copy 19, who gives no pages back keeps those that are mapped alone, and who
  /// takes all that cannot be mapped for mapped does not stop at the first.
  static let also: [String: Set<String>] = [
    "xsa-039-leaked-pages": ["xsa-367-unchecked-status"],
    "xsa-367-failed-batch": ["xsa-361-first-failure", "xsa-367-unchecked-status"],
    "xsa-367-unchecked-status": [
      "xsa-316-positive-status", "xsa-318-unwritten-status", "xsa-039-leaked-pages",
      "xsa-367-failed-batch", "xsa-361-first-failure",
    ],
    "xsa-423-split-headers": ["xsa-432-wrapped-count"],
    "xsa-270-old-queues": ["xsa-270-half-update"],
    "xsa-332-event-storm": ["xsa-391-idle-events"],
  ]

  @Test func `has a folder for each twin, and a twin for each folder`() throws {
    let folders = try FileManager.default.contentsOfDirectory(atPath: Self.folder.path)
    #expect(folders.sorted() == Self.names.sorted())
  }

  @Test(arguments: names, [ScenarioPath.copy, .map, .mapLarge])
  func `has the outcome that it says, by each path`(_ name: String, _ path: ScenarioPath) throws {
    let story = ScenarioStory(of: try Self.scenario(name), by: ScenarioWay(path))
    #expect(story.failure == nil)
    #expect(story.lines.joined(separator: "\n") + "\n" == (try Self.text(name, "outcome.txt")))
  }

  /// Twins whose fault is in each packet, or in each connection.
  static let everywhere: Set<String> = [
    "xsa-155-double-fetch", "xsa-216-padding", "xsa-391-idle-events", "xsa-396-kept-mapping",
  ]

  @Test(arguments: FaultyTwin.all)
  func `is failed by the twin that has its fault, and by no other`(_ twin: FaultyTwin) throws {
    let failed = try Self.names.filter { name in
      ScenarioPlayer.failure(of: try Self.scenario(name), twin.seam) != nil
    }
    guard !Self.everywhere.contains(twin.name) else {
      return #expect(failed.contains(twin.name))
    }
    #expect(Set(failed) == Self.also[twin.name, default: []].union([twin.name]))
  }
}
