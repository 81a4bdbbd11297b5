import Netif
import XenInterface

/// Makes TX cases.
///
/// A third of them is valid, a third stands on boundaries, a third is malformed.
public struct CaseGenerator: CaseGenerating, Drawing {
  /// See `CaseGenerating`.
  public static let storedSeed: UInt64 = 0x7269_6e67_7369_6465
  /// See `CaseGenerating`.
  public static let storedCount = 2010

  var random: SeededGenerator

  /// See `CaseGenerating`.
  public init(seed: UInt64) { random = SeededGenerator(seed: seed) }

  /// See `CaseGenerating`.
  public mutating func cases(_ count: Int) -> [TxCase] {
    var cases: [TxCase] = []
    while cases.count < count {
      let number = cases.count
      let candidate =
        switch number % 3 {
        case 0: valid("random/valid-\(number)")
        case 1: boundary("random/boundary-\(number)")
        default: malformed("random/malformed-\(number)")
        }
      if candidate.canBeAsked { cases.append(candidate) }
    }
    return cases
  }

  private mutating func valid(_ name: String) -> TxCase {
    let publishes = (0..<pick(1...3)).map { _ in (0..<pick(1...6)).map { _ in validPacket() } }
    return TxCase(name, start: start(), publishes.map { .publish(slots(of: $0), beyond: 0) })
  }

  private mutating func boundary(_ name: String) -> TxCase {
    var packets = (0..<pick(1...5)).map { _ in validPacket() }
    let place = pick(0...packets.count - 1)
    packets[place] = boundaryPacket()
    return TxCase(name, start: start(), [.publish(slots(of: packets), beyond: 0)])
  }

  private mutating func malformed(_ name: String) -> TxCase {
    let packets = (0..<pick(1...5)).map { _ in validPacket() }
    var slots = packets.map(\.slots)
    slots[pick(0...slots.count - 1)] = malformedSlots()
    let lies = chance(1, of: 20)
    let first = CaseStep.publish(
      slots.flatMap(\.self), beyond: lies ? UInt32.random(in: 257...(.max), using: &random) : 0)
    let then = CaseStep.publish(validPacket().slots, beyond: 0)
    return TxCase(name, start: start(), chance(1, of: 3) ? [first, then] : [first])
  }

  private func slots(of packets: [CasePacket]) -> [CaseSlot] { packets.flatMap(\.slots) }
}

extension CaseGenerator {
  private mutating func start() -> UInt32? {
    switch pick(0...15) {
    case 0: pick(0xffff_ff00...0xffff_ffff)
    case 1: pick(0...(.max))
    default: nil
    }
  }

  private mutating func page() -> CaseGrant { .page(UInt8(pick(0...CasePages.count - 1))) }

  private mutating func part(_ size: UInt16) -> CasePacket.Part {
    let last = 4096 - size
    let frames = CasePages.frameOffsets.filter { $0 <= last }
    let offset = chance(2, of: 3) ? pick(from: frames) : pick(0...last)
    return CasePacket.Part(grant: page(), offset: offset, size: size)
  }

  private mutating func size(atLeast least: UInt16) -> UInt16 {
    switch pick(0...3) {
    case 0: max(least, pick(0...200))
    case 1: max(least, pick(from: [14, 60, 64, 127, 128, 129, 256, 1400, 4095, 4096]))
    default: max(least, pick(0...4096))
    }
  }

  private mutating func validPacket() -> CasePacket {
    let count = chance(1, of: 3) ? 1 : chance(3, of: 4) ? pick(1...5) : pick(6...19)
    var parts = [part(size(atLeast: 14))]
    for _ in 1..<max(count, 1) { parts.append(part(size(atLeast: chance(1, of: 6) ? 0 : 1))) }
    while parts.reduce(0, { $0 + Int($1.size) }) > 65535 { parts.removeLast() }
    var packet = CasePacket(parts)
    packet.flags = pick(from: [
      [], .checksumBlank, .dataValidated, [.checksumBlank, .dataValidated],
    ])
    if chance(1, of: 20) { packet.flags.formUnion(TxFlags(rawValue: 0xfff0)) }
    packet.extras = extras()
    return packet
  }

  private mutating func extras() -> [ExtraInfo] {
    guard chance(1, of: 3) else { return [] }
    return (0..<pick(1...3)).map { _ in extra() }
  }

  private mutating func extra() -> ExtraInfo {
    switch pick(0...9) {
    case 0...4: .gso(size: pick(1...3000), type: pick(1...2))
    case 5...6: .hash(type: pick(0...5), algorithm: pick(0...2), value: pick(0...(.max)))
    case 7: .multicastAdd(MACAddress(bits: pick(0...3)))
    case 8: .multicastDelete(MACAddress(bits: pick(0...3)))
    default: .xdp(headroom: pick(0...(.max)))
    }
  }
}

extension CaseGenerator {
  /// A packet that is just inside or just outside of a rule.
  private mutating func boundaryPacket() -> CasePacket {
    var packet = validPacket()
    let place = pick(0...packet.parts.count - 1)
    switch pick(0...7) {
    case 0: packet.parts[0].size = pick(12...16)
    case 1: packet.parts[place] = edge(pick(0...64))
    case 2: packet = CasePacket((0..<pick(17...22)).map { _ in part(pick(20...3000)) })
    case 3: packet.declared = packet.total &- packet.parts[0].size &+ pick(10...18)
    case 4: packet.parts = (0..<pick(1...3)).map { _ in part(pick(126...130)) }
    case 5: packet.parts[0] = edge(pick(12...16))
    case 6: packet = exactly(pick(65533...65538))
    default: packet.parts = packet.parts + (0..<pick(1...4)).map { _ in part(0) }
    }
    return packet
  }

  /// A slot that ends up to one octet before or behind its page's end.
  private mutating func edge(_ size: UInt16) -> CasePacket.Part {
    let offset = UInt16(clamping: Int(4096) - Int(size) + Int(pick(-1...1)))
    return CasePacket.Part(grant: page(), offset: offset, size: size)
  }

  /// 17 to 19 slots of a total that needs all 16 bits, or one more.
  private mutating func exactly(_ total: Int) -> CasePacket {
    let count = pick(17...19)
    let each = UInt16(total / count)
    let rest = UInt16(total - Int(each) * (count - 1))
    return CasePacket((0..<count).map { part($0 == 0 ? rest : each) })
  }

  private mutating func malformedSlots() -> [CaseSlot] {
    switch pick(0...4) {
    case 0: badGrants().slots
    case 1: badExtras()
    case 2: badSizes().slots
    case 3: cutOff()
    default: noise()
    }
  }

  private mutating func badGrants() -> CasePacket {
    var packet = validPacket()
    for _ in 0..<pick(1...3) {
      let place = pick(0...packet.parts.count - 1)
      packet.parts[place].grant = chance(1, of: 4) ? .revoked : .unknown
    }
    return packet
  }

  private mutating func badExtras() -> [CaseSlot] {
    var packet = validPacket()
    packet.extras = [extra(), .gso(size: pick(0...1), type: pick(0...3))]
    var slots = packet.slots
    if chance(1, of: 2) {
      let kind = pick(from: [UInt32(0), 6, 7, 200, 255]) | pick(0...1) << 8
      slots[pick(1...2)].words[0] = kind
    }
    return slots
  }

  private mutating func badSizes() -> CasePacket {
    var packet = validPacket()
    let place = pick(0...packet.parts.count - 1)
    switch pick(0...5) {
    case 0: packet.declared = pick(0...(.max))
    case 1: packet.parts[place].size = pick(0...(.max))
    case 2: packet.parts[place].offset = pick(0...(.max))
    case 3: packet.parts[0].size = pick(0...13)
    case 4: packet = CasePacket((0..<pick(19...24)).map { _ in part(pick(0...500)) })
    default: packet.declared = packet.total &- pick(0...200)
    }
    return packet
  }

  /// The first slots of a packet whose rest is not published, when it is the last one.
  private mutating func cutOff() -> [CaseSlot] {
    let slots = validPacket().slots
    return Array(slots.prefix(pick(1...slots.count)))
  }

  /// Slots of random words; no reference in them is granted.
  private mutating func noise() -> [CaseSlot] {
    (0..<pick(1...4)).map { _ in
      let third: UInt32 = pick(0...(.max))
      return CaseSlot(raw: [pick(0...(.max)) | 0x4000_0000, pick(0...(.max)), third, 0])
    }
  }
}
