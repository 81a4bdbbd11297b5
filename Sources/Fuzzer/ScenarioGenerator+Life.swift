import XenInterface

/// Pieces of a vif's life: what honest ends do, with one thing wrong now and then, and things that happen at
/// the same time.
extension ScenarioGenerator {
  private static let numbers: [UInt32] = [
    0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 100, 255, 256, 4095, 4096, 65535, 0x7fff_ffff, 0xffff_ffff,
  ]
  private static let queueCounts: [UInt32] = [
    0, 1, 2, LifeWorld.maximumQueues, LifeWorld.maximumQueues + 1, .max,
  ]
  private static let leads: [UInt32] = [
    0, 1, 127, 128, 129, 255, 256, 257, 0x8000_0000, 0xffff_ffff,
  ]
  private static let pauses: [UInt16] = [0, 1, 100, 1000, 9999, 10000, 10001, 60000]

  /// Some steps that belong together.
  mutating func life() -> [ScenarioStep] {
    switch below(12) {
    case 0...3: connection()
    case 4, 5: traffic()
    case 6: departure()
    case 7: says(.reconfiguring, spoils: .headroom) + [says(.connected)]
    case 8: [.packets(queue: queue(), count: octets(), held: true)] + departure()
    case 9: [.toolstack(.remove, looks: true), .toolstack(.create, looks: true), plug()]
    case 10: [.storm(ring(.xenbus), queue: queue(), events: any([10, 100, 1000, 4096]))]
    default: [lifeStep()]
    }
  }

  private mutating func queue() -> UInt8 { oneIn(2) ? 0 : UInt8(below(Int(ScenarioRings.limit))) }

  private mutating func octets() -> UInt8 { UInt8(1 + below(LifePlayer.packetLimit)) }

  private func plug() -> ScenarioStep { .toolstack(.plug, looks: true) }

  private func says(_ state: XenbusState, looks: Bool = true) -> ScenarioStep {
    .key(ScenarioKey(.state, .plain, UInt32(state.rawValue), looks: looks))
  }

  private mutating func says(_ state: XenbusState, spoils name: ScenarioKeyName) -> [ScenarioStep] {
    let key = ScenarioKey(name, .plain, any(Self.numbers))
    return oneIn(2) ? [says(state)] : [.key(key), says(state)]
  }

  /// A guest that connects, honestly for the most part, and asks for a group now and then.
  mutating func connection() -> [ScenarioStep] {
    let rings = ScenarioRings(
      more: queue(), isSplit: oneIn(2), hasControl: oneIn(3))
    var steps: [ScenarioStep] = [.rings(rings)]
    if oneIn(8) { steps.append(.ahead(ring(.xenbus), queue: queue(), count: any(Self.leads))) }
    if oneIn(4) { steps.append(.key(spoiled(queues: rings.more))) }
    if oneIn(4) { steps.append(.key(ScenarioKey(.groups, .plain, 1))) }
    if oneIn(16) { steps.append(.key(ScenarioKey(.queues, .plain, any(Self.queueCounts)))) }
    let states: [ScenarioStep] = oneIn(4) ? [says(.initialising)] : []
    steps += states + [says(.connected)] + (oneIn(8) ? [] : [plug()])
    return steps + (oneIn(4) ? [] : traffic())
  }

  /// A key that is missing, or has another value, where the rings of so many queues more are told.
  private mutating func spoiled(queues more: UInt8) -> ScenarioKey {
    var key = anyKey()
    key.place = more == 0 || oneIn(4) ? 0 : UInt8(1 + below(Int(more) + 1))
    if oneIn(3) { key.form = .none }
    return key
  }

  private mutating func anyKey() -> ScenarioKey {
    let name = ScenarioKeyName(rawValue: below(ScenarioKeyName.allCases.count)) ?? .state
    let form = ScenarioKeyForm(rawValue: below(ScenarioKeyForm.allCases.count)) ?? .plain
    return ScenarioKey(
      name, oneIn(2) ? .plain : form, any(Self.numbers),
      place: oneIn(2) ? 0 : UInt8(below(Int(ScenarioKey.places))), looks: !oneIn(4))
  }

  private mutating func traffic() -> [ScenarioStep] {
    (0...below(3)).map { _ in
      switch below(6) {
      case 0...2: .packets(queue: queue(), count: octets(), held: oneIn(4))
      case 3: .join(queue: queue())
      default: .deliver(queue: queue(), group: oneIn(2))
      }
    }
  }

  /// A guest that closes, a toolstack that has it close, or both at the same time.
  private mutating func departure() -> [ScenarioStep] {
    let state = any([XenbusState.closing, .closed, .initialising, .unknown])
    let time: [ScenarioStep] = oneIn(2) ? [.pass(milliseconds: any(Self.pauses))] : []
    switch below(5) {
    case 0: return [says(state, looks: false), .toolstack(.close, looks: true)] + time
    case 1: return [.toolstack(.close, looks: oneIn(2)), says(state)] + time
    case 2: return [.die] + time + (oneIn(2) ? [.toolstack(.remove, looks: true)] : [])
    case 3: return [says(.closing), says(.closed), says(.initialising)] + time
    default: return [says(state)] + time + [.release] + (oneIn(2) ? [says(.connected)] : [])
    }
  }

  /// Any step.
  mutating func lifeStep() -> ScenarioStep {
    switch below(14) {
    case 0...3: .key(anyKey())
    case 4: .rings(ScenarioRings(more: queue(), isSplit: oneIn(2), hasControl: oneIn(2)))
    case 5: .ahead(ring(.xenbus), queue: queue(), count: oneIn(2) ? any(Self.leads) : word())
    case 6, 7:
      .toolstack(ScenarioToolstack(rawValue: below(4)) ?? .plug, looks: !oneIn(3))
    case 8: .packets(queue: queue(), count: octets(), held: oneIn(2))
    case 9: .deliver(queue: queue(), group: oneIn(2))
    case 10: .release
    case 11: .pass(milliseconds: any(Self.pauses))
    case 12: .storm(ring(.xenbus), queue: queue(), events: UInt16(below(200)))
    default: .die
    }
  }

  /// A key with one thing changed.
  mutating func changed(_ key: ScenarioKey) -> ScenarioKey {
    var key = key
    let other = anyKey()
    switch below(5) {
    case 0: key.name = other.name
    case 1: key.form = other.form
    case 2: key.number = oneIn(2) ? other.number : changed(key.number)
    case 3: key.place = other.place
    default: key.looks.toggle()
    }
    return key
  }
}
