import Fuzzer
import Testing
import TraceFormat

// Made by `ringside show --as swift-test`; it belongs to the tests of Fuzzer.
@Suite struct `The scenario zero-queues` {
  /// What the guest does, and behind # what must come of it.
  static let text = """
    ringside-life 1 profile=linux start=0x0 gso4=yes gso6=yes notifies=yes headroom=0
    rings more=0 split=no control=no
    toolstack does=plug looks=yes
    key name=multi-queue-num-queues place=0 form=plain number=0 looks=yes
    key name=state place=0 form=plain number=4 looks=yes
    # backend closing, has told an error
    key name=state place=0 form=plain number=5 looks=yes
    key name=state place=0 form=plain number=6 looks=yes
    # backend closed, has told an error
    key name=state place=0 form=plain number=1 looks=yes
    # backend initWait, has told an error
    key name=multi-queue-num-queues place=0 form=plain number=5 looks=yes
    key name=state place=0 form=plain number=4 looks=yes
    # backend closing, has told an error
    key name=state place=0 form=plain number=5 looks=yes
    key name=state place=0 form=plain number=6 looks=yes
    # backend closed, has told an error
    key name=state place=0 form=plain number=1 looks=yes
    # backend initWait, has told an error
    key name=multi-queue-num-queues place=0 form=plain number=1 looks=yes
    key name=state place=0 form=plain number=4 looks=yes
    # backend connected, queues 1, pages 2, has told an error

    """

  static func scenario() throws -> Scenario {
    try Scenario(text: MemorySource(Array(text.utf8)))
  }

  @Test func `has the outcome that it says`() throws {
    let story = ScenarioStory(of: try Self.scenario())
    #expect(story.failure == nil)
    #expect(story.text == Self.text)
  }
}
