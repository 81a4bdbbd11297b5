import Netif

/// Changes scenarios as a fuzz engine wants: a step more, a step less, a packet twice, a field at its bound.
public struct ScenarioMutator {
  private let target: ScenarioTarget
  private var generator: ScenarioGenerator

  /// Mutates for a target, from a seed.
  public init(_ target: ScenarioTarget, seed: UInt64) {
    self.target = target
    generator = ScenarioGenerator(seed: seed)
  }

  /// A scenario to start from.
  public mutating func fresh() -> Scenario { generator.scenario(target) }

  /// Changes one to four things.
  ///
  /// What is about something else than the target becomes a fresh one.
  public mutating func mutate(_ scenario: inout Scenario) {
    guard scenario.vif.stage == target.stage else { return scenario = fresh() }
    for _ in 0...generator.below(3) { change(&scenario) }
    cut(&scenario)
  }

  /// The first steps of one scenario, then the last of another.
  public mutating func cross(_ one: Scenario, _ other: Scenario) -> Scenario {
    let head = one.steps.prefix(generator.below(one.steps.count + 1))
    let tail = other.steps.suffix(generator.below(other.steps.count + 1))
    var crossed = Scenario(one.vif, Array(head) + tail.filter(one.vif.stage.has))
    cut(&crossed)
    return crossed
  }

  private func cut(_ scenario: inout Scenario) {
    if scenario.steps.count > Scenario.stepLimit {
      scenario.steps.removeLast(scenario.steps.count - Scenario.stepLimit)
    }
  }

  private mutating func change(_ scenario: inout Scenario) {
    let count = scenario.steps.count
    guard count > 0 else { return scenario = fresh() }
    let place = generator.below(count)
    switch generator.below(12) {
    case 0, 1: scenario.steps.insert(contentsOf: generator.piece(target), at: place)
    case 2: scenario.steps.append(contentsOf: generator.piece(target))
    case 3: scenario.steps.insert(generator.step(target), at: place)
    case 4: scenario.steps.remove(at: place)
    case 5: scenario.steps.removeSubrange(place..<min(count, place + 1 + generator.below(8)))
    case 6: scenario.steps.swapAt(place, generator.below(count))
    case 7:
      let end = min(count, place + 1 + generator.below(8))
      scenario.steps.insert(contentsOf: scenario.steps[place..<end], at: end)
    case 8: changeVif(&scenario.vif)
    default: scenario.steps[place] = changed(scenario.steps[place])
    }
  }

  private mutating func changeVif(_ vif: inout ScenarioVif) {
    let other = generator.scenario(target).vif
    switch generator.below(4) {
    case 0: vif.profile = vif.profile == .linux ? .netif : .linux
    case 1: vif.start = other.start
    case 2: vif.features = other.features
    default: vif.headroom = other.headroom
    }
  }

  /// The step with one field changed.
  private mutating func changed(_ step: ScenarioStep) -> ScenarioStep {
    switch step {
    case .send(let slot): .send(changed(slot))
    case .extra(let extra): .extra(changed(extra))
    case .offer: .offer(generator.anyGrant())
    case .message(let message): .message(changed(message))
    case .publish(let ring, let beyond, let tells):
      generator.oneIn(4)
        ? .publish(ring, beyond: beyond, tells: !tells)
        : .publish(ring, beyond: generator.changed(beyond), tells: tells)
    case .listen(let ring, let ahead): .listen(ring, ahead: generator.changed(ahead))
    case .frame(let frame): .frame(changed(frame))
    case .pass(let milliseconds): .pass(milliseconds: generator.changed(milliseconds))
    case .word(let page, let place, let value):
      .word(page: page, place: place, generator.changed(value))
    case .rate(let octets, let milliseconds):
      .rate(octets: generator.changed(octets), milliseconds: milliseconds)
    case .key(let key): .key(generator.changed(key))
    case .ahead(let ring, let queue, let count):
      .ahead(ring, queue: queue, count: generator.changed(count))
    case .raw, .flip, .grant, .refuse, .fill, .reconnect, .lie, .rings, .toolstack, .packets,
      .join, .deliver, .release, .storm, .die:
      generator.step(target)
    }
  }

  private mutating func changed(_ slot: ScenarioSlot) -> ScenarioSlot {
    var slot = slot
    switch generator.below(4) {
    case 0: slot.grant = generator.anyGrant()
    case 1: slot.offset = generator.changed(slot.offset)
    case 2: slot.size = generator.changed(slot.size)
    default: slot.flags ^= UInt16(1) << UInt16(generator.below(4))
    }
    return slot
  }

  private mutating func changed(_ extra: ScenarioExtra) -> ScenarioExtra {
    var extra = extra
    switch generator.below(4) {
    case 0: extra.type = UInt8(generator.below(7))
    case 1: extra.flags ^= 1
    case 2: extra.low = generator.changed(extra.low)
    default: extra.high = generator.changed(extra.high)
    }
    return extra
  }

  private mutating func changed(_ message: ScenarioMessage) -> ScenarioMessage {
    var message = message
    switch generator.below(4) {
    case 0: message.type = UInt16(generator.below(12))
    case 1: message.data0 = generator.changed(message.data0)
    case 2: message.data1 = generator.changed(message.data1)
    default: message.data2 = generator.changed(message.data2)
    }
    return message
  }

  private mutating func changed(_ frame: ScenarioFrame) -> ScenarioFrame {
    var frame = frame
    switch generator.below(3) {
    case 0: frame.length = generator.changed(frame.length)
    case 1: frame.segment = generator.changed(frame.segment)
    default: frame.kind = UInt8(generator.below(ScenarioGrant.pages))
    }
    return frame
  }
}
