import Netif
import XenInterface

/// Makes scenarios, and pieces of them, from a seed: honest guests for the most part, with one thing wrong now
/// and then, and numbers that lie around bounds.
struct ScenarioGenerator {
  private static let sizes: [UInt16] = [
    0, 1, 13, 14, 15, 59, 60, 64, 127, 128, 129, 255, 256, 257, 1000, 1459, 1500, 2048, 4000, 4082,
    4095,
    4096, 4097, 8192, 16384, 32768, 65534, 65535,
  ]
  private static let words: [UInt32] = [
    0, 1, 2, 7, 18, 19, 20, 40, 41, 64, 127, 128, 129, 255, 256, 257, 512, 1024, 4096, 65535, 65536,
    0x7fff_ffff, 0x8000_0000, 0xffff_fff8, 0xffff_ffff,
  ]
  private static let statuses: [Int16] = [
    0, -1, -2, -3, -4, -5, -6, -7, -8, -9, -10, -11, -12, -13, 1, .min,
  ]
  private static let starts: [UInt32] = [
    0, 0, 0, 0xffff_ffff, 0xffff_fff0, 0xffff_ff00, 0x7fff_ffff,
  ]

  private var random: SeededGenerator

  init(seed: UInt64) { random = SeededGenerator(seed: seed) }

  // MARK: - Draws

  mutating func below(_ limit: Int) -> Int { Int(random.next() % UInt64(limit)) }

  mutating func oneIn(_ count: Int) -> Bool { below(count) == 0 }

  mutating func any<T>(_ list: [T]) -> T { list[below(list.count)] }

  private mutating func size() -> UInt16 {
    oneIn(2) ? any(Self.sizes) : UInt16(truncatingIfNeeded: random.next())
  }

  mutating func word() -> UInt32 {
    oneIn(2) ? any(Self.words) : UInt32(truncatingIfNeeded: random.next())
  }

  private mutating func octet() -> UInt8 { UInt8(truncatingIfNeeded: random.next()) }

  private mutating func page() -> UInt8 { octet() % UInt8(ScenarioGrant.pages) }

  /// Mostly a page.
  private mutating func grant() -> ScenarioGrant {
    oneIn(16) ? ScenarioGrant(rawValue: octet()) : .page(page())
  }

  // MARK: - Scenarios

  /// A scenario for a target.
  mutating func scenario(_ target: ScenarioTarget) -> Scenario {
    var scenario = Scenario(ScenarioVif(target.stage))
    if oneIn(4) { scenario.vif.profile = .netif }
    scenario.vif.start = any(Self.starts)
    if target == .rx, oneIn(3) {
      scenario.vif.headroom = any([1, 14, 256, 2048, 4000, 4095])
    }
    if oneIn(4) { scenario.vif.features = NetifFeatures(rawValue: UInt16(below(8)) << 1) }
    if target == .xenbus, !oneIn(4) { scenario.steps = connection() }
    for _ in 0...below(4) { scenario.steps += piece(target) }
    return scenario
  }

  /// Some steps that belong together.
  mutating func piece(_ target: ScenarioTarget) -> [ScenarioStep] {
    if oneIn(8) { return [step(target)] }
    switch target {
    case .xenbus: return life()
    case .tx:
      let packet = packet()
      return refusal(of: packet) + packet + [.publish(.tx, beyond: 0, tells: true)]
    case .rx: return oneIn(12) ? flood() : oneIn(2) ? offers() : [.frame(frame())]
    case .control:
      if oneIn(4) { return mapping() }
      return oneIn(3)
        ? [.frame(frame())] + offers()
        : [.message(message()), .publish(.control, beyond: 0, tells: true)]
    }
  }

  /// A packet that adds up, or nearly.
  private mutating func packet() -> [ScenarioStep] {
    let count = oneIn(2) ? 1 : oneIn(4) ? 17 + below(6) : 2 + below(6)
    var slots: [ScenarioSlot] = []
    let isTiny = count > 16 && oneIn(2)
    for place in 0..<count {
      let size = isTiny ? UInt16(1 + below(8) + (place == 0 ? 13 : 0)) : pieceSize()
      let room = 4096 - Int(size)
      let offset = oneIn(2) ? 0 : oneIn(2) ? room : below(room + 1)
      slots.append(
        ScenarioSlot(grant(), offset: UInt16(offset), size: size, flags: TxFlags.moreData.rawValue))
    }
    slots[count - 1].flags = 0
    slots[0].size = slots.reduce(0) { $0 &+ $1.size }
    if oneIn(4) { slots[0].flags |= UInt16(1 + below(3)) }
    if oneIn(6) { spoil(&slots[below(count)]) }
    let extras = oneIn(4) ? (0...below(3)).map { _ in extra() } : []
    if !extras.isEmpty { slots[0].flags |= TxFlags.extraInfo.rawValue }
    return [.send(slots[0])] + chained(extras) + slots.dropFirst().map { .send($0) }
  }

  /// Now and then Xen refuses a packet's first page, or one of its operations.
  private mutating func refusal(of packet: [ScenarioStep]) -> [ScenarioStep] {
    guard oneIn(12), case .send(let slot)? = packet.first else { return [] }
    if oneIn(2) { return [lie()] }
    let page = slot.grant.rawValue % UInt8(ScenarioGrant.pages)
    return [.refuse(page: page, status: any(Self.statuses))]
  }

  private mutating func lie() -> ScenarioStep {
    .lie(ahead: UInt8(oneIn(2) ? below(2) : below(24)), status: any(Self.statuses))
  }

  private mutating func pieceSize() -> UInt16 {
    oneIn(4) ? UInt16(below(4097)) : UInt16(14 + below(200))
  }

  private mutating func spoil(_ slot: inout ScenarioSlot) {
    switch below(5) {
    case 0: slot.size = size()
    case 1: slot.offset = size()
    case 2: slot.flags = UInt16(truncatingIfNeeded: random.next())
    case 3: slot.flags ^= UInt16(1) << UInt16(below(4))
    default: slot.grant = ScenarioGrant(rawValue: octet())
    }
  }

  private func chained(_ extras: [ScenarioExtra]) -> [ScenarioStep] {
    extras.enumerated().map { place, extra in
      var extra = extra
      if place + 1 < extras.count { extra.flags |= 1 }
      return .extra(extra)
    }
  }

  private mutating func extra() -> ScenarioExtra {
    switch below(6) {
    case 0...2: ScenarioExtra(type: 1, low: size(), high: UInt32(below(4)))
    case 3: ScenarioExtra(type: UInt8(2 + below(2)), low: 0x3333, high: UInt32(below(80)))
    case 4: ScenarioExtra(type: UInt8(4 + below(2)), low: size(), high: word())
    default: ScenarioExtra(type: octet() % 8, flags: octet(), low: size(), high: word())
    }
  }

  private mutating func offers() -> [ScenarioStep] {
    let count = oneIn(8) ? 1 + below(256) : 1 + below(12)
    return (0..<count).map { _ in .offer(grant()) } + [.publish(.rx, beyond: 0, tells: true)]
  }

  /// Frames for a guest that takes none.
  private mutating func flood() -> [ScenarioStep] {
    (0..<4 + below(8)).map { _ in .frame(ScenarioFrame(65535, kind: page())) }
  }

  private mutating func frame() -> ScenarioFrame {
    let checksum = ScenarioChecksum(rawValue: below(3)) ?? .unknown
    let length = oneIn(2) ? size() : UInt16(60 + below(1500))
    return ScenarioFrame(
      length, kind: page(), checksum: checksum, segment: oneIn(3) ? 1000 : 0,
      type: UInt8(1 + below(2)))
  }

  /// A mapping, and an update of it whose entries, place and count are right or nearly.
  private mutating func mapping() -> [ScenarioStep] {
    let (page, size) = (page(), 1 + below(6))
    let entries = (0..<size).map { place in
      ScenarioStep.word(page: page, place: UInt16(place), oneIn(6) ? word() : UInt32(below(2)))
    }
    let place = oneIn(4) ? 0 &- UInt32(below(8)) : UInt32(below(size))
    let count = UInt32(1 + below(2 * size))
    let update = ScenarioMessage(6, ScenarioGrant.page(page).reference, count, place)
    return entries + [.message(ScenarioMessage(5, UInt32(size))), .message(update)]
      + [.publish(.control, beyond: 0, tells: true)]
  }

  private mutating func message() -> ScenarioMessage {
    switch below(10) {
    case 0: ScenarioMessage(UInt16(1 + 3 * below(2)))
    case 1, 2: ScenarioMessage(7, UInt32(below(3)))
    case 3: ScenarioMessage(2, UInt32(below(18)))
    case 4: ScenarioMessage(3, grant().reference, any([0, 1, 39, 40, 41, word()]))
    case 5, 6: ScenarioMessage(5, any([0, 1, 2, 127, 128, 129, word()]))
    case 7, 8:
      ScenarioMessage(6, grant().reference, any([0, 1, 2, 128, word()]), any([0, 1, 127, word()]))
    default: ScenarioMessage(oneIn(2) ? UInt16(below(12)) : size(), word(), word(), word())
    }
  }

  /// Any step.
  mutating func step(_ target: ScenarioTarget) -> ScenarioStep {
    if target == .xenbus { return lifeStep() }
    switch below(16) {
    case 0:
      let words = ScenarioWords(word(), word(), word(), word())
      return .raw(ring(target), words)
    case 1: return .flip(ring(target), back: UInt8(below(4)), word: UInt8(below(4)), to: word())
    case 2, 3:
      return .publish(ring(target), beyond: oneIn(2) ? 0 : word(), tells: !oneIn(4))
    case 4: return .listen(ring(target), ahead: oneIn(2) ? UInt32(below(4)) : word())
    case 5: return .pass(milliseconds: any([0, 1, 29, 30, 31, 100, 999, 9999, 10000, size()]))
    case 6: return .grant(page: page(), ScenarioAccess(rawValue: below(3)) ?? .none)
    case 7: return .refuse(page: page(), status: any(Self.statuses))
    case 8: return lie()
    case 9:
      let offset = below(4096)
      return .fill(page: page(), offset: UInt16(offset), length: size() % 4097, octet: octet())
    case 10: return .word(page: page(), place: UInt16(below(128)), word())
    case 11: return .rate(octets: word(), milliseconds: octet())
    case 12: return .reconnect
    case 13: return .offer(grant())
    case 14: return .frame(frame())
    default:
      return oneIn(2)
        ? .send(ScenarioSlot(grant(), offset: size(), size: size(), flags: UInt16(below(16))))
        : .extra(extra())
    }
  }

  mutating func ring(_ target: ScenarioTarget) -> ScenarioRing {
    if oneIn(8) { return ScenarioRing(rawValue: below(3)) ?? .tx }
    switch target {
    case .tx: return .tx
    case .rx: return .rx
    case .control: return oneIn(3) ? .rx : .control
    case .xenbus: return ScenarioRing(rawValue: below(3)) ?? .tx
    }
  }

  // MARK: - Numbers

  /// Another number for a field: near it, at a bound, or any.
  mutating func changed(_ value: UInt16) -> UInt16 {
    switch below(4) {
    case 0: value &+ 1
    case 1: value &- 1
    case 2: value ^ UInt16(1) << UInt16(below(16))
    default: size()
    }
  }

  /// Another number for a field: near it, at a bound, or any.
  mutating func changed(_ value: UInt32) -> UInt32 {
    switch below(4) {
    case 0: value &+ 1
    case 1: value &- 1
    case 2: value ^ UInt32(1) << UInt32(below(32))
    default: word()
    }
  }

  mutating func anyGrant() -> ScenarioGrant { grant() }
}
