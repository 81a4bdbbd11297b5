/// A scenario as the source of a test: a suite of its own among the tests of `Fuzzer`.
///
/// What is expected is what the models of the rules say, not what anybody was seen to do. Where the netback does
/// otherwise the test fails until that is mended.
public struct ScenarioTestSource: Sendable {
  /// The source, a whole file.
  public let text: String
  /// What the netback does that it must not, and the way in which the scenario is played then.
  public let failure: (way: ScenarioWay, failure: ScenarioFailure)?

  /// Plays a scenario in each way, and writes down what must come of it.
  public init(of scenario: Scenario, named name: ScenarioSourceName) {
    self.init(of: scenario, named: name) { ScenarioSeam($0) }
  }

  /// The same, with a netback that has a fault.
  package init(
    of scenario: Scenario, named name: ScenarioSourceName, _ seam: (ScenarioWay) -> ScenarioSeam
  ) {
    let ways = scenario.vif.stage == .rings ? ScenarioWay.all : [ScenarioWay()]
    var failure: (ScenarioWay, ScenarioFailure)?
    for way in ways where failure == nil {
      failure = ScenarioPlayer.failure(of: scenario, seam(way)).map { (way, $0) }
    }
    self.failure = failure
    let story = ScenarioStory(of: scenario, seam(ScenarioWay()))
    let outcome = story.failure == nil ? story.text : nil
    text = Self.suite(
      name, outcome ?? scenario.text, outcome == nil ? "" : ", and behind # what must come of it",
      Self.tests(hasOutcome: outcome != nil, hasWays: ways.count > 1))
  }

  private static func tests(hasOutcome: Bool, hasWays: Bool) -> [String] {
    switch (hasOutcome, hasWays) {
    case (true, true): [outcome, ways]
    case (true, false): [outcome]
    case (false, true): [ways]
    case (false, false): [once]
    }
  }

  private static func suite(
    _ name: ScenarioSourceName, _ scenario: String, _ remarks: String, _ tests: [String]
  ) -> String {
    let lines = scenario.split(separator: "\n").map { "    \($0)\n" }.joined()
    return #"""
      import Fuzzer
      import Testing
      import TraceFormat

      // Made by `ringside show --as swift-test`; it belongs to the tests of Fuzzer.
      @Suite struct `The scenario \#(name)` {
        /// What the guest does\#(remarks).
        static let text = """
      \#(lines)
          """

        static func scenario() throws -> Scenario {
          try Scenario(text: MemorySource(Array(text.utf8)))
        }

      \#(tests.joined(separator: "\n\n"))
      }

      """#
  }

  /// For a scenario of which something else came than must: what that would be is not known to the end.
  private static let once = """
      @Test func `is answered as the model says`() throws {
        #expect(try ScenarioPlayer.failure(of: Self.scenario()) == nil)
      }
    """

  private static let ways = """
      @Test(arguments: ScenarioWay.all)
      func `is answered as the model says, in each way`(_ way: ScenarioWay) throws {
        #expect(try ScenarioPlayer.failure(of: Self.scenario(), by: way) == nil)
      }
    """

  private static let outcome = """
      @Test func `has the outcome that it says`() throws {
        let story = ScenarioStory(of: try Self.scenario())
        #expect(story.failure == nil)
        #expect(story.text == Self.text)
      }
    """
}
