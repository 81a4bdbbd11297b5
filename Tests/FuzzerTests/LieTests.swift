import Fuzzer
import Testing
import TraceFormat

@Suite struct `A grant operation that Xen does not do` {
  typealias Paths = `A scenario that is played by another path`

  struct Case: Sendable, CustomTestStringConvertible {
    let path: ScenarioPath
    let lies: [UInt8]
    let answers: String
    var testDescription: String { "\(path.rawValue) \(lies)" }
  }

  /// Of a packet of three slots and one of a slot behind it. By copy each slot is an operation. By map there are
  /// three copies, then maps of slots 1 and 2, and where one of these fails, of both alone.
  static let cases = [
    Case(path: .copy, lies: [0], answers: "0 ERROR, 1 ERROR, 2 OKAY, 3 OKAY"),
    Case(path: .copy, lies: [1], answers: "0 OKAY, 1 ERROR, 2 OKAY, 3 OKAY"),
    Case(path: .copy, lies: [2], answers: "0 OKAY, 2 ERROR, 1 OKAY, 3 OKAY"),
    Case(path: .copy, lies: [3], answers: "0 OKAY, 3 ERROR, 1 OKAY, 2 OKAY"),
    Case(path: .copy, lies: [4], answers: "0 OKAY, 3 OKAY, 1 OKAY, 2 OKAY"),
    Case(path: .map, lies: [1], answers: "0 OKAY, 1 ERROR, 2 OKAY, 3 OKAY"),
    Case(path: .map, lies: [2], answers: "0 OKAY, 3 ERROR, 1 OKAY, 2 OKAY"),
    Case(path: .map, lies: [3], answers: "0 OKAY, 1 ERROR, 2 ERROR, 3 OKAY"),
    Case(path: .map, lies: [4], answers: "0 OKAY, 1 ERROR, 2 ERROR, 3 OKAY"),
    Case(path: .map, lies: [3, 6], answers: "0 OKAY, 2 ERROR, 1 OKAY, 3 OKAY"),
    Case(path: .map, lies: [4, 5, 6], answers: "0 OKAY, 1 ERROR, 2 ERROR, 3 OKAY"),
    Case(path: .mapLarge, lies: [4, 5], answers: "0 OKAY, 1 ERROR, 2 OKAY, 3 OKAY"),
    Case(path: .lazy, lies: [1], answers: "0 OKAY, 1 ERROR, 2 OKAY, 3 OKAY"),
    Case(path: .lazy, lies: [3, 4, 5, 6], answers: "0 OKAY, 3 OKAY, 1 OKAY, 2 OKAY"),
  ]

  @Test(arguments: cases)
  func `costs its slot, or those that are mapped with it`(_ asked: Case) throws {
    let lies = asked.lies.map { "lie ahead=\($0) status=-12\n" }.joined()
    let told = try Paths.story(lies + Paths.packet, ScenarioWay(asked.path))
    #expect(told == [asked.answers])
  }

  @Test(arguments: [ScenarioPath.copy, .map], [-1, -13, 1, .min] as [Int16])
  func `has failed whatever Xen says`(_ path: ScenarioPath, _ status: Int16) throws {
    let lie = "lie ahead=1 status=\(status)\n"
    let told = try Paths.story(lie + Paths.packet, ScenarioWay(path))
    #expect(told == ["0 OKAY, 1 ERROR, 2 OKAY, 3 OKAY"])
  }

  @Test func `is counted from step to step, and can be taken back`() throws {
    let steps = """
      lie ahead=5 status=-1
      lie ahead=2 status=-1
      \(Paths.packet)
      lie ahead=0 status=0
      lie ahead=1 status=0
      \(Paths.packet)
      """
    let told = try Paths.story(steps, ScenarioWay())
    #expect(told == ["0 OKAY, 2 ERROR, 1 OKAY, 3 OKAY", "4 OKAY, 7 OKAY, 5 OKAY, 6 OKAY"])
  }

  @Test(arguments: [-12: -12, 1: -1, -32768: -1])
  func `has a number in its slot where it was for the guest`(_ said: Int, _ told: Int) throws {
    let steps = """
      lie ahead=1 status=\(said)
      offer page=1
      offer page=2
      offer page=3
      publish ring=rx beyond=0 tells=yes
      frame length=9000 kind=0 checksum=unknown segment=0 type=1
      """
    let text = "\(`A scenario`.head)\n\(steps)\n"
    let story = ScenarioStory(of: try Scenario(text: MemorySource(Array(text.utf8))))
    #expect(story.failure == nil)
    #expect(story.lines.last == "    rx answers 0 4096, 1 \(told), 2 808")
  }

  @Test func `has a message refused`() throws {
    let steps = """
      lie ahead=1 status=-1
      message type=3 data0=101 data1=40 data2=0
      message type=3 data0=101 data1=40 data2=0
      publish ring=control beyond=0 tells=yes
      """
    let text = "\(`A scenario`.head)\n\(steps)\n"
    let story = ScenarioStory(of: try Scenario(text: MemorySource(Array(text.utf8))))
    #expect(story.failure == nil)
    #expect(story.lines.suffix(2).map { $0.contains("status 0") } == [true, false])
  }
}
