import FaultyTwins
import Foundation
import Fuzzer
import Testing
import TraceFormat

@Suite struct `The scenarios of a trace` {
  typealias Advisories = `A public advisory`

  static func scenarios(_ octets: [UInt8]) throws -> [Scenario] {
    var reader = try TraceReader(MemorySource(octets))
    var scenarios = TraceScenarios(reader.header)
    while let event = try reader.next() { scenarios.take(event, payload: reader.payload) }
    scenarios.finish()
    return scenarios.takeFinished()
  }

  /// What came of scenarios, one behind the other: what became of packets, and each ring's statuses. Ids are
  /// given anew, and how many packets a poll takes is the backend's.
  struct Outcome: Hashable {
    private var packets: [String] = []
    private var frames: [String] = []
    private var answers: [String: [String]] = [:]

    init(_ scenarios: [Scenario]) {
      for scenario in scenarios { ScenarioStory(of: scenario).lines.forEach { take($0) } }
    }

    private mutating func take(_ line: String) {
      guard line.hasPrefix("    ") else { return }
      let words = line.split(separator: " ")
      if words.first == "frame" { return frames.append(line) }
      guard words.count > 2, words[1].hasPrefix("answer") else { return packets.append(line) }
      let rest = words.dropFirst(2).joined(separator: " ")
      answers[String(words[0]), default: []] += rest.split(separator: ",").map { answer in
        answer.split(separator: " ").dropFirst().joined(separator: " ")
      }
    }
  }

  @Test(arguments: FaultyTwin.ofRings.map(\.name))
  func `that was made of an advisory's tell the same story`(_ name: String) throws {
    let scenario = try Advisories.scenario(name)
    let back = try Self.scenarios(RecordedScenario(scenario).octets)
    #expect(Outcome(back) == Outcome([scenario]), "\(back.map(\.text))")
  }

  @Test(arguments: ScenarioTarget.rings, [1, 2, 3] as [UInt64])
  func `that was made of any tell the same story`(
    _ target: ScenarioTarget, _ seed: UInt64
  ) throws {
    for number in 0..<15 as Range<UInt64> {
      var mutator = ScenarioMutator(target, seed: seed << 32 | number)
      var scenario = mutator.fresh()
      for _ in 0..<number % 4 { mutator.mutate(&scenario) }
      scenario = scenario.withoutLies
      let back = try Self.scenarios(RecordedScenario(scenario).octets)
      #expect(Outcome(back) == Outcome([scenario]), "number \(number)")
    }
  }

  @Test func `keep a page for each reference, and write what it holds`() throws {
    let text = """
      ringside-scenario 1 profile=linux start=0xfffffffe gso4=yes gso6=no notifies=yes headroom=256
      fill page=3 offset=0 length=64 octet=0x9
      word page=3 place=18 value=0x1234567
      send page=3 offset=0 size=100 flags=0x4
      send page=200 offset=0 size=20 flags=0x0
      refuse page=5 status=-8
      send page=5 offset=0 size=60 flags=0x0
      publish ring=tx beyond=0 tells=yes

      """
    let scenario = try Scenario(text: MemorySource(Array(text.utf8)))
    let back = try Self.scenarios(RecordedScenario(scenario).octets)
    let steps = try #require(back.first).steps
    #expect(back.count == 1 && back[0].vif == scenario.vif)
    // Those of the scenario, whichever way the page was filled, and where the guest asked to be told.
    #expect(steps.filter { $0.isSlot } == scenario.steps.filter { $0.isSlot })
    #expect(steps.contains(.fill(page: 3, offset: 0, length: 64, octet: 9)))
    #expect(steps.contains(.word(page: 3, place: 18, 0x1234567)))
    #expect(steps.contains(.refuse(page: 5, status: -8)))
  }

  static let field = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "../../Corpus/field")

  @Test func `from the field play without a finding, and are as long as an engine takes them`()
    throws
  {
    for name in try FileManager.default.contentsOfDirectory(atPath: Self.field.path)
    where name.hasSuffix(".ringtrace") {
      let octets = [UInt8](try Data(contentsOf: Self.field.appending(path: name)))
      let scenarios = try Self.scenarios(octets)
      #expect(!scenarios.isEmpty)
      for scenario in scenarios {
        #expect(ScenarioPlayer.failure(of: scenario) == nil, "\(name)")
        #expect(scenario.octets.count <= 4096 && Scenario(octets: scenario.octets) == scenario)
      }
    }
  }

  @Test func `begin where they are told to, whatever was passed over before a snapshot`() throws {
    let path = Self.field.appending(path: "loopback.ringtrace")
    let (octets, middle) = try Self.twice([UInt8](try Data(contentsOf: path)))
    let from = middle + middle / 2
    var whole = try TraceReader(MemorySource(octets))
    let all = try Self.scenarios(&whole, from: from)
    #expect(!all.isEmpty)
    #expect(all.count < (try Self.scenarios(octets).count) / 2)
    var part = try TraceReader(MemorySource(octets))
    try part.seek(toSnapshotsBefore: from)
    #expect(part.eventNumber >= middle)
    #expect(try Self.scenarios(&part, from: from) == all)
  }

  /// Scenarios of what a reader has yet to read, from an event on.
  private static func scenarios(
    _ reader: inout TraceReader, from number: UInt64
  ) throws -> [Scenario] {
    var scenarios = TraceScenarios(reader.header)
    if reader.eventNumber > 0 { scenarios.leap() }
    while let event = try reader.next() {
      if reader.eventNumber - 1 == number { scenarios.restart() }
      scenarios.take(event, payload: reader.payload)
    }
    scenarios.finish()
    return scenarios.takeFinished()
  }

  /// A trace with its events twice, and the number of the first that comes again.
  private static func twice(_ octets: [UInt8]) throws -> ([UInt8], UInt64) {
    let sink = MemorySink()
    var middle: UInt64 = 0
    var reader = try TraceReader(MemorySource(octets))
    var writer = try TraceWriter(reader.header, to: sink)
    for _ in 0..<2 {
      middle = reader.eventNumber
      reader = try TraceReader(MemorySource(octets))
      while let event = try reader.next() { try writer.append(event, payload: reader.payload) }
    }
    _ = try writer.finish()
    return (sink.octets, middle)
  }
}

extension ScenarioStep {
  fileprivate var isSlot: Bool {
    switch self {
    case .send, .extra, .publish: true
    default: false
    }
  }
}
