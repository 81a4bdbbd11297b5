import Fuzzer
import Testing
import TraceFormat

// Made by `ringside show --as swift-test`; it belongs to the tests of Fuzzer.
@Suite struct `The scenario page-crossing` {
  /// What the guest does, and behind # what must come of it.
  static let text = """
    ringside-scenario 1 profile=linux start=0x0 gso4=yes gso6=yes notifies=yes headroom=0
    send page=0 offset=4090 size=14 flags=0x0
    publish ring=tx beyond=0 tells=yes
    # guest cut off by tx/page-crossing

    """

  static func scenario() throws -> Scenario {
    try Scenario(text: MemorySource(Array(text.utf8)))
  }

  @Test func `has the outcome that it says`() throws {
    let story = ScenarioStory(of: try Self.scenario())
    #expect(story.failure == nil)
    #expect(story.text == Self.text)
  }

  @Test(arguments: ScenarioWay.all)
  func `is answered as the model says, in each way`(_ way: ScenarioWay) throws {
    #expect(try ScenarioPlayer.failure(of: Self.scenario(), by: way) == nil)
  }
}
