import FaultyTwins
import Fuzzer
import Testing

@Suite struct `A failing scenario` {
  static let twin = FaultyTwin.all.first { $0.name == "xsa-448-empty-slots" }

  /// A thousand honest packets, and one with an empty slot among them.
  static func long(_ twin: FaultyTwin) -> Scenario {
    var steps: [ScenarioStep] = []
    for number in 0..<500 {
      if number == 321 {
        steps += [
          .send(ScenarioSlot(.page(1), size: 1000, flags: 4)),
          .send(ScenarioSlot(.page(2), size: 0)),
          .send(ScenarioSlot(.page(1), size: 60)),
        ]
      } else {
        steps.append(.send(ScenarioSlot(.page(3), size: UInt16(60 + number))))
      }
      steps.append(.publish(.tx, beyond: 0, tells: true))
    }
    return Scenario(ScenarioVif(), steps)
  }

  @Test func `of a thousand steps is made one of which no step can be left out`() throws {
    let twin = try #require(Self.twin)
    let seam = twin.seam
    let long = Self.long(twin)
    let minimizer = ScenarioMinimizer(long) { ScenarioEnd(ScenarioPlayer.failure(of: $0, seam)) }
    var small = try #require(minimizer)
    small.minimize()
    #expect(long.steps.count == 1002)
    #expect(small.scenario.steps.count <= 4)
    #expect(small.end.signature == minimizer?.end.signature)
    for place in small.scenario.steps.indices {
      var fewer = small.scenario
      fewer.steps.remove(at: place)
      let failure = ScenarioPlayer.failure(of: fewer, seam)
      #expect(failure?.finding.signature != small.end.signature, "without \(place)")
    }
  }

  /// Left out is the one whose fault takes hundreds of large frames.
  static let twins = FaultyTwin.ofRings.filter { $0.name != "xsa-392-endless-queue" }

  @Test(arguments: twins)
  func `of any kind is made one of which no step can be left out`(_ twin: FaultyTwin) throws {
    let seam = twin.seam
    var long = try `A public advisory`.scenario(twin.name)
    let honest = (0..<40 as Range<UInt16>).flatMap { number -> [ScenarioStep] in
      [.send(ScenarioSlot(.page(3), size: 60 + number)), .publish(.tx, beyond: 0, tells: true)]
    }
    long.steps = honest + long.steps
    long.vif.start &-= 40
    let minimizer = ScenarioMinimizer(long) { ScenarioEnd(ScenarioPlayer.failure(of: $0, seam)) }
    var small = try #require(minimizer)
    small.minimize()
    let wanted = small.end.signature
    #expect(small.scenario.steps.count < long.steps.count)
    for place in small.scenario.steps.indices {
      var fewer = small.scenario
      fewer.steps.remove(at: place)
      let failure = ScenarioPlayer.failure(of: fewer, seam)
      #expect(failure?.finding.signature != wanted, "without \(place)")
    }
  }

  @Test func `stays as it is when there is no time`() throws {
    let twin = try #require(Self.twin)
    let seam = twin.seam
    let long = Self.long(twin)
    let minimizer = ScenarioMinimizer(long) { ScenarioEnd(ScenarioPlayer.failure(of: $0, seam)) }
    var small = try #require(minimizer)
    small.minimize { false }
    #expect(small.scenario == long && small.runs == 1)
  }

  @Test func `that has the guest cut off keeps what does so first, and no other rule`() throws {
    var steps = Self.long(try #require(Self.twin)).steps
    steps += [
      .send(ScenarioSlot(.page(1), offset: 4090, size: 60)), .publish(.tx, beyond: 0, tells: true),
      .publish(.tx, beyond: 300, tells: true),
    ]
    let long = Scenario(ScenarioVif(), steps)
    #expect(ScenarioPlayer.failure(of: long) == nil)
    var small = try #require(ScenarioMinimizer(long) { ScenarioEnd(cutOffIn: $0) })
    #expect(small.end.step == steps.count - 2)
    small.minimize()
    #expect(small.end.description == "the guest is cut off by tx/page-crossing")
    #expect(small.scenario.steps.count == 2)
    #expect(ScenarioEnd(cutOffIn: Scenario(ScenarioVif(), [.reconnect])) == nil)
  }

  @Test func `that does not fail is not taken`() {
    let fine = Scenario(ScenarioVif(), [.reconnect])
    #expect(ScenarioMinimizer(fine) { ScenarioEnd(ScenarioPlayer.failure(of: $0)) } == nil)
  }

  @Test
  func `that fails one time in three is made small all the same, and says how often it failed`()
    throws
  {
    var runs = 0
    let finding = ScenarioFailure(step: 2, finding: .endless(.tx))
    let steps: [ScenarioStep] = [
      .pass(milliseconds: 9), .offer(.page(3)), .reconnect, .pass(milliseconds: 1),
    ]
    let minimizer = ScenarioMinimizer(Scenario(ScenarioVif(), steps), tries: 9) { scenario in
      runs += 1
      return scenario.steps.contains(.reconnect) && runs % 3 == 0 ? ScenarioEnd(finding) : nil
    }
    var small = try #require(minimizer)
    #expect(small.confirmed == 3)
    small.minimize()
    #expect(small.scenario.steps == [.reconnect])
  }

  @Test func `whose fault is another without a step keeps that step`() throws {
    let steps: [ScenarioStep] = [.offer(.page(0)), .reconnect]
    let minimizer = ScenarioMinimizer(Scenario(ScenarioVif(), steps)) { scenario in
      let isWhole = scenario.steps.count == 2
      return ScenarioEnd(
        ScenarioFailure(step: 1, finding: isWhole ? .endless(.tx) : .endless(.rx)))
    }
    var small = try #require(minimizer)
    small.minimize()
    #expect(small.scenario.steps == steps)
  }
}
