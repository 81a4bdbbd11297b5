import Foundation
import Fuzzer
import Oracle
import Testing

/// The scenarios of `Corpus/scenarios`, which `Scripts/part seeds` writes.
@Suite struct `The corpus of scenarios` {
  static let folder = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "../../Corpus/scenarios")

  static func scenarios(_ target: ScenarioTarget) throws -> [(name: String, octets: [UInt8])] {
    let folder = folder.appending(path: target.rawValue)
    return try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted().map { name in
      (name, [UInt8](try Data(contentsOf: folder.appending(path: name))))
    }
  }

  @Test(arguments: ScenarioTarget.allCases)
  func `is answered as the models say`(_ target: ScenarioTarget) throws {
    let players = ScenarioPlayers()
    var reach = ScenarioReach()
    for (name, octets) in try Self.scenarios(target) {
      let failure = players.play(octets: octets, &reach)
      #expect(failure == nil, "\(target.rawValue)/\(name)")
    }
    #expect(reach.executions > 100)
    #expect(reach.share > 30)
    #expect(reach.unseen(target) == [])
  }

  @Test func `has rules of each target, each by a name of its own`() {
    #expect(Set(ReachRule.allCases.map(\.name)).count == ReachRule.allCases.count)
    #expect(ScenarioTarget.allCases.map { ReachRule.of($0).count } == [11, 2, 7, 8])
    #expect(ReachRule.allCases.prefix(11).elementsEqual(ModelRule.allCases.map(ReachRule.packet)))
  }
}
