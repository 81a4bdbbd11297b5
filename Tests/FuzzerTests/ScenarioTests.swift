import Fuzzer
import Netif
import TestSupport
import Testing
import TraceFormat

@Suite struct `A scenario` {
  static let steps: [ScenarioStep] = [
    .send(ScenarioSlot(.page(3), offset: 4095, size: 65535, flags: 0xffff)),
    .extra(ScenarioExtra(type: 255, flags: 254, low: 65535, high: .max)),
    .offer(ScenarioGrant(rawValue: 255)),
    .message(ScenarioMessage(65535, .max, 0, 1)),
    .raw(.control, ScenarioWords(1, 2, 3, .max)),
    .flip(.rx, back: 255, word: 3, to: .max),
    .publish(.tx, beyond: .max, tells: false),
    .listen(.control, ahead: .max),
    .frame(ScenarioFrame(65535, kind: 15, checksum: .verified, segment: 1400, type: 2)),
    .pass(milliseconds: 65535),
    .grant(page: 15, .read),
    .refuse(page: 15, status: .min),
    .fill(page: 15, offset: 4095, length: 4096, octet: 255),
    .word(page: 15, place: 1023, .max),
    .rate(octets: .max, milliseconds: 255),
    .reconnect,
    .lie(ahead: 255, status: .min),
  ]

  static let life: [ScenarioStep] = [
    .pass(milliseconds: 65535),
    .key(ScenarioKey(.groups, .beyond, .max, place: 9, looks: false)),
    .rings(ScenarioRings(more: 3, isSplit: true, hasControl: true)),
    .ahead(.control, queue: 3, count: .max),
    .toolstack(.create, looks: false),
    .packets(queue: 3, count: 16, held: true),
    .join(queue: 3),
    .deliver(queue: 3, group: true),
    .release,
    .storm(.rx, queue: 3, events: 4096),
    .die,
  ]

  @Test func `of a life is the same behind either form, whatever its steps`() throws {
    let scenario = Scenario(ScenarioVif(.xenbus), Self.life)
    #expect(Scenario(octets: scenario.octets) == scenario)
    #expect(try Scenario(text: MemorySource(Array(scenario.text.utf8))) == scenario)
  }

  @Test(arguments: ScenarioStage.allCases)
  func `has steps of its own stage alone`(_ stage: ScenarioStage) throws {
    let scenario = Scenario(ScenarioVif(stage), Self.steps + Self.life)
    let read = Scenario(octets: scenario.octets)
    #expect(read == (try Scenario(text: MemorySource(Array(scenario.text.utf8)))))
    #expect(
      read.steps == (stage == .rings ? Self.steps + [Self.life[0]] : [Self.steps[9]] + Self.life))
  }

  @Test func `is the same behind either form, whatever its steps`() throws {
    var scenario = Scenario(ScenarioVif(), Self.steps)
    scenario.vif.profile = .netif
    scenario.vif.start = .max
    scenario.vif.headroom = 4095
    scenario.vif.features = .gsoTCPv6
    #expect(Scenario(octets: scenario.octets) == scenario)
    #expect(try Scenario(text: MemorySource(Array(scenario.text.utf8))) == scenario)
  }

  @Test(arguments: [1, 2, 3] as [UInt64])
  func `is what any octets are, and then the same behind either form`(_ seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    for _ in 0..<300 {
      let count = Int(random.next() % 400)
      let octets = (0..<count).map { _ in UInt8(truncatingIfNeeded: random.next()) }
      let scenario = Scenario(octets: octets)
      #expect(Scenario(octets: scenario.octets) == scenario)
      #expect(try Scenario(text: MemorySource(Array(scenario.text.utf8))) == scenario)
    }
  }

  @Test func `ends at 4096 steps, however many octets there are`() {
    let octets = [0] + [UInt8](repeating: 15, count: 10_000)
    #expect(Scenario(octets: octets).steps.count == Scenario.stepLimit)
  }

  @Test func `of no octets is one of no steps`() {
    #expect(Scenario(octets: []).steps.isEmpty)
    #expect(ScenarioPlayer.failure(of: Scenario(octets: [])) == nil)
  }

  static let head =
    "ringside-scenario 1 profile=linux start=0x0 gso4=yes gso6=yes notifies=yes headroom=0"

  static let lifeHead =
    "ringside-life 1 profile=linux start=0x0 gso4=yes gso6=yes notifies=yes headroom=0"

  struct Wrong: Sendable, CustomTestStringConvertible {
    let text: String
    let line: Int
    let column: Int
    var testDescription: String { text }
  }

  @Test(arguments: [
    Wrong(text: "", line: 1, column: 1),
    Wrong(text: "ringside-trace 1.0", line: 1, column: 1),
    Wrong(text: "ringside-scenario 2 profile=linux", line: 1, column: 19),
    Wrong(text: "ringside-life 2 profile=linux", line: 1, column: 15),
    Wrong(text: lifeHead + "\nsend page=0 offset=0", line: 2, column: 1),
    Wrong(text: lifeHead + "\nrings more=4 split=no", line: 2, column: 12),
    Wrong(text: "ringside-scenario 1 profile=xen", line: 1, column: 29),
    Wrong(text: head + "\nsned page=0", line: 2, column: 1),
    Wrong(text: head + "\n# fine\n\nsend page=256 offset=0", line: 4, column: 11),
    Wrong(text: head + "\nfill page=16 offset=0 length=0 octet=0x0", line: 2, column: 11),
    Wrong(text: head + "\nreconnect now", line: 2, column: 11),
  ])
  func `that is wrongly written is refused, with the place`(_ wrong: Wrong) {
    let error = #expect(throws: TraceTextError.self) {
      try Scenario(text: MemorySource(Array(wrong.text.utf8)))
    }
    #expect(
      error?.line == wrong.line && error?.column == wrong.column, "\(String(describing: error))")
  }
}
