import Netif
import XenRing

extension MatrixCell {
  /// The cell as a case: the packet, then an honest one behind it.
  public var asked: TxCase {
    var asked = TxCase(name, start: wraps ? 0xffff_ffff : 0, steps)
    // Behind a producer that claims more than was written there is no place for another packet.
    if rule != .producer {
      asked.steps.append(.publish(CasePacket([60], page: 1).slots, beyond: 0))
    }
    return asked
  }

  private var steps: [CaseStep] {
    switch rule {
    case .missingSlot: missingSlot
    case .missingExtra: missingExtra
    case .extraType: [.publish(withExtra(of: [0, 5, 6][place]), beyond: 0)]
    case .producer: producer
    case .multicastLimit: multicast
    default: [.publish(packet.slots, beyond: 0)]
    }
  }

  /// 0, 1, 2 for below, at, above.
  private var place: Int { bound.rawValue + 1 }

  /// The packet that the rule makes of an honest one.
  private var packet: CasePacket {
    let step = UInt16(place)
    switch rule {
    case .minimumSize: return honest(first: 13 + step)
    case .pageCrossing: return honest.changing(position) { $0.offset = 4095 - $0.size + step }
    case .pageEnd:
      return honest.changing(position) { ($0.offset, $0.size) = (4095 + step, 0) }
    case .sizeSum: return sized
    case .gsoSize: return honest.with(.gso(size: step, type: Segmentation.tcpv4))
    case .gsoType: return honest.with(.gso(size: 1000, type: [0, 2, 3][place]))
    case .grant:
      return honest.changing(position) { $0.grant = [$0.grant, .revoked, .unknown][place] }
    case .emptySlot: return honest.changing(position) { $0.size = step }
    case .linearArea: return aligned
    default: return honest
    }
  }

  private var honest: CasePacket { honest(first: 100) }

  /// Slots of 100 octets, so that the linear area ends in the second one.
  private func honest(first: UInt16) -> CasePacket {
    let infos: [ExtraInfo] = [
      .hash(type: 1, algorithm: 1, value: 7), .xdp(headroom: 64),
      .hash(type: 0, algorithm: 1, value: 9),
    ]
    return CasePacket(
      [first] + [UInt16](repeating: 100, count: slots - 1), extras: Array(infos.prefix(extras)))
  }

  /// All is spent by the slot at `position`: but for a header, exactly, or more than all.
  private var sized: CasePacket {
    var packet = honest
    for later in packet.parts.indices.dropFirst(position + 1) { packet.parts[later].size = 0 }
    packet.declared = UInt16(100 * position) &+ [14, 0, UInt16(bitPattern: -1)][place]
    return packet
  }

  /// The slots up to `position` have 127, 128 or 129 octets together.
  private var aligned: CasePacket {
    var packet = honest
    let total = 127 + UInt16(place)
    let each = position == 0 ? total : (total - 20) / UInt16(position)
    for slot in 0...position { packet.parts[slot].size = each }
    if position > 0 {
      packet.parts[0].size = 20
      packet.parts[position].size = total - 20 - each * UInt16(position - 1)
    }
    return packet
  }
}

// MARK: - Slots that are not there

extension MatrixCell {
  private var missingSlot: [CaseStep] {
    let slots = honest.slots
    let there = Array(slots.prefix(slots.count - self.slots + position))
    switch bound {
    case .below: return [.publish(slots, beyond: 0)]
    case .at: return [.publish(there, beyond: 0)]
    case .above: return [.publish(there + [Self.zeros], beyond: 0)]
    }
  }

  private var missingExtra: [CaseStep] {
    guard bound != .below else { return [.publish(honest.slots, beyond: 0)] }
    let slots = honest.slots.prefix(1 + extras).promisingAnExtra(behind: extras)
    return [.publish(bound == .at ? slots : slots + [Self.zeros], beyond: 0)]
  }

  private static let zeros = CaseSlot(raw: [0, 0, 0, 0])

  /// The honest packet with one extra info more, of any type.
  private func withExtra(of type: UInt32) -> [CaseSlot] {
    var slots = honest.slots.promisingAnExtra(behind: extras)
    slots.insert(CaseSlot(raw: [type | 0x03e8_0000, 1, 0, 0]), at: 1 + extras)
    return slots
  }

  /// What is claimed beyond the packet are slots of zeros.
  private var producer: [CaseStep] {
    let slots = honest.slots
    return [.publish(slots, beyond: UInt32(255 + place - slots.count))]
  }

  private var multicast: [CaseStep] {
    let requests = (0..<(63 + place)).flatMap { number in
      CasePacket([60]).with(.multicastAdd(MACAddress(bits: UInt64(number)))).slots
    }
    return [.publish(requests, beyond: 0), .publish(honest.slots, beyond: 0)]
  }
}

extension Collection<CaseSlot> {
  /// The slots of a packet, which say that one extra info more follows those there are.
  fileprivate func promisingAnExtra(behind extras: Int) -> [CaseSlot] {
    var slots = Array(self)
    if extras > 0 {
      slots[extras].words[0] |= 0x100
    } else {
      slots[0].request.flags.formUnion(.extraInfo)
    }
    return slots
  }
}
