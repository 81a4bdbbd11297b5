import Fuzzer
import Netback
import Netif
import Replayer
import RingCases
import Testing
import TraceFormat
import XenInterface
import XenRing

@Suite struct `A scenario that is played by another path` {
  typealias Corpus = `The corpus of scenarios`

  /// Scenarios of a seed.
  static func scenarios(_ seed: UInt64, _ count: UInt64) -> [Scenario] {
    (0..<count).map { number in
      var mutator = ScenarioMutator(.tx, seed: seed << 32 | number)
      var scenario = mutator.fresh()
      for _ in 0..<number % 4 { mutator.mutate(&scenario) }
      return scenario
    }
  }

  @Test(arguments: ScenarioWay.all, [4, 5, 6] as [UInt64])
  func `is answered as the models say`(_ way: ScenarioWay, _ seed: UInt64) {
    for (number, scenario) in Self.scenarios(seed, 150).enumerated() {
      if let failure = ScenarioPlayer.failure(of: scenario, by: way) {
        Issue.record("number \(number): \(failure.finding), at step \(failure.step)")
        return
      }
    }
  }

  @Test(arguments: ScenarioWay.all)
  func `is answered so in a world in which others have played before`(_ way: ScenarioWay) throws {
    let players = ScenarioPlayers(way)
    var reach = ScenarioReach()
    for (name, octets) in try Corpus.scenarios(.tx) {
      #expect(players.play(octets: octets, &reach) == nil, "tx/\(name)")
    }
    #expect(reach.unseen(.tx) == [])
  }

  @Test(arguments: ScenarioWay.all, [RuleProfile.linux, .netif])
  func `is answered as the model says where it is a cell`(
    _ way: ScenarioWay, _ profile: RuleProfile
  ) {
    for rule in MatrixRule.allCases {
      let failed = MatrixCell.sample(of: rule).first {
        ScenarioPlayer.failure(of: Scenario($0, by: profile), by: way) != nil
      }
      #expect(failed == nil, "\(failed?.name ?? "")")
    }
  }

  @Test(arguments: [ScenarioPath.map, .mapLarge], [7, 8, 9] as [UInt64])
  func `has the outcome that it has where all is copied`(_ path: ScenarioPath, _ seed: UInt64) {
    for scenario in Self.scenarios(seed, 50).map(\.withoutLies) {
      let story = ScenarioStory(of: scenario, by: ScenarioWay(path))
      #expect(story.lines == ScenarioStory(of: scenario).lines)
    }
  }

  // MARK: - What comes of a packet

  /// Of a packet's first slot all is copied, of its second one a part, of its third nothing.
  static let packet = """
    send page=1 offset=0 size=1100 flags=0x4
    send page=2 offset=0 size=500 flags=0x4
    send page=3 offset=0 size=500 flags=0x0
    send page=4 offset=0 size=60 flags=0x0
    publish ring=tx beyond=0 tells=yes
    """

  static func story(_ steps: String, _ way: ScenarioWay) throws -> [String] {
    let text = "\(`A scenario`.head)\n\(steps)\n"
    let story = ScenarioStory(of: try Scenario(text: MemorySource(Array(text.utf8))), by: way)
    #expect(story.failure == nil)
    return story.lines.filter { $0.hasPrefix("    tx answers ") }.map { String($0.dropFirst(15)) }
  }

  @Test(arguments: ScenarioPath.allCases)
  func `has the answers to its slots when its frames are let go`(_ path: ScenarioPath) throws {
    let told = try Self.story(Self.packet, ScenarioWay(path))
    #expect(told == ["0 OKAY, 3 OKAY, 1 OKAY, 2 OKAY"])
    let held = try Self.story(Self.packet, ScenarioWay(path, holds: true))
    #expect(held == ["0 OKAY, 3 OKAY", "1 OKAY, 2 OKAY"])
  }

  @Test(arguments: ScenarioPath.allCases, ["grant page=3 access=none", "refuse page=3 status=1"])
  func `has an error where a page cannot be had`(_ path: ScenarioPath, _ step: String) throws {
    let told = try Self.story(step + "\n" + Self.packet, ScenarioWay(path))
    let whenPolled = "0 OKAY, 2 ERROR, 1 OKAY, 3 OKAY"
    let whenReleased = "0 OKAY, 3 OKAY, 1 OKAY, 2 ERROR"
    #expect(told == [path == .lazy ? whenReleased : whenPolled])
  }

  @Test(arguments: [ScenarioPath.map, .lazy])
  func `is failed by pages that stay mapped`(_ path: ScenarioPath) {
    let packet: [ScenarioStep] = [
      .send(ScenarioSlot(.page(1), size: 1000)), .publish(.tx, beyond: 0, tells: true),
    ]
    var seam = ScenarioSeam(ScenarioWay(path))
    seam.grants = { MappingKeeper($0) }
    let failure = ScenarioPlayer.failure(of: Scenario(ScenarioVif(), packet), seam)
    #expect(failure == ScenarioFailure(step: 1, finding: .mapped(most: 0, got: 1)))
  }

  // MARK: - Traces

  @Test(arguments: ScenarioWay.all)
  func `leaves a trace that replays as it was recorded`(_ way: ScenarioWay) throws {
    for (number, scenario) in Self.scenarios(10, 20).enumerated() where scenario.hasPagesOnce {
      let report = try RecordedScenario(scenario.withoutLies, ScenarioSeam(way)).replay()
      #expect(report.diverged == 0, "number \(number): \(report.divergences)")
    }
  }
}

extension Scenario {
  /// Whether no page serves two slots of a turn: what was copied of it and what was mapped stand in the trace one
  /// after the other, and a replay has the page hold the last.
  fileprivate var hasPagesOnce: Bool {
    var pages: Set<ScenarioGrant> = []
    for step in steps {
      switch step {
      case .send(let slot): if !pages.insert(slot.grant).inserted { return false }
      case .publish: pages = []
      default: break
      }
    }
    return true
  }
}

/// Never gives back what was mapped.
private final class MappingKeeper: GrantDeviceLayer {
  let base: any GrantDevice
  private var kept: [any MappedPages] = []

  init(_ base: any GrantDevice) { self.base = base }

  func map(
    _ grants: Span<GrantReference>, of domain: DomainID, access: GrantAccess
  ) throws(GrantError) -> any MappedPages {
    let pages = try base.map(grants, of: domain, access: access)
    kept.append(pages)
    return pages
  }
}
