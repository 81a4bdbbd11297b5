import Fuzzer
import Testing
import TraceFormat

/// Lives of vifs on xenbus, played on a simulated machine.
@Suite struct `A vif's life` {
  /// A line for each step that comes to something, of a life that is honest up to there.
  private func told(_ steps: [ScenarioStep], connects: Bool = true) -> [String] {
    let connection: [ScenarioStep] = [
      .rings(ScenarioRings(more: 1, hasControl: true)), .toolstack(.plug, looks: true), says(4),
    ]
    let scenario = Scenario(ScenarioVif(.xenbus), (connects ? connection : []) + steps)
    return ScenarioStory(of: scenario).lines.filter { $0.hasPrefix("    ") }
      .map { String($0.dropFirst(4)) }
  }

  private func says(_ state: UInt32) -> ScenarioStep { .key(ScenarioKey(.state, .plain, state)) }

  private static let connected = "backend connected, queues 2, pages 5"

  @Test func `goes from a connection to a close, and again`() {
    let steps: [ScenarioStep] = [
      .packets(queue: 1, count: 16, held: false), .deliver(queue: 0, group: false), says(5),
      says(6),
      says(1), .rings(ScenarioRings()), says(4), .packets(queue: 0, count: 1, held: true), .release,
    ]
    #expect(
      told(steps) == [
        Self.connected, "backend closing", "backend closed", "backend initWait",
        "backend connected, queues 1, pages 2",
      ])
  }

  @Test(arguments: [
    ScenarioKey(.txRing, .none, place: 1), ScenarioKey(.rxRing, .plain, 65535, place: 2),
    ScenarioKey(.port, .empty, place: 2), ScenarioKey(.queues, .plain, 0),
    ScenarioKey(.queues, .plain, 5), ScenarioKey(.headroom, .plain, 4096),
    ScenarioKey(.controlPort, .minus, 1), ScenarioKey(.controlRing, .plain, 70000),
  ])
  func `ends where a key is wrong, with an error told`(_ key: ScenarioKey) {
    let steps: [ScenarioStep] = [
      .rings(ScenarioRings(more: 1, hasControl: true)), .key(key), says(4),
    ]
    #expect(told(steps, connects: false) == ["backend closing, has told an error"])
  }

  @Test(arguments: [(ScenarioRing.tx, 256 as UInt32), (.rx, 256), (.control, 128)])
  func `begins with a ring that is full, and with none that is fuller`(
    _ ring: ScenarioRing, _ most: UInt32
  ) {
    for (count, isFine) in [(most, true), (most + 1, false), (.max, false)] {
      let steps: [ScenarioStep] = [
        .rings(ScenarioRings(hasControl: true)), .ahead(ring, queue: 0, count: count), says(4),
      ]
      let wanted =
        isFine ? "backend initWait, queues 1, pages 3" : "backend closing, has told an error"
      #expect(told(steps, connects: false) == [wanted])
    }
  }

  @Test func `ends with its guest, and a toolstack makes another`() {
    let steps: [ScenarioStep] = [
      .packets(queue: 0, count: 3, held: true), .die, .pass(milliseconds: 10_001), .release,
      .toolstack(.remove, looks: true), .toolstack(.create, looks: true),
      .rings(ScenarioRings()), says(4),
    ]
    #expect(
      told(steps) == [
        Self.connected, "backend closed", "backend initWait, queues 1, pages 2",
      ])
  }

  @Test func `is over for a backend whose toolstack has closed it, whatever the guest says`() {
    let steps: [ScenarioStep] = [
      .key(ScenarioKey(.state, .plain, 5, looks: false)), .toolstack(.close, looks: true), says(6),
    ]
    #expect(told(steps) == [Self.connected, "backend closed"])
  }
}
