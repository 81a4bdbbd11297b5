import Netif
import XenRing

extension MatrixCell {
  /// The cell as a case: the packet, and an honest one behind it in the same publish, so that the order of
  /// answers shows which slot was copied. What is missing must stay so: there the honest one comes later.
  public var asked: TxCase { TxCase(name, start: start, steps) }

  /// Behind what a producer claims too much there must be zeros: a ring of its own.
  private var start: UInt32? { wraps ? 0xffff_ffff : rule == .producer ? 0 : nil }

  private var steps: [CaseStep] {
    let honest = CasePacket([60], page: 1).slots
    switch rule {
    case .missingSlot where bound != .below:
      return [.publish(missingSlot, beyond: 0), .publish(honest, beyond: 0)]
    case .missingExtra where bound != .below: return [.publish(missingExtra, beyond: 0)]
    // Behind a producer that claims more than was written there is no place for another packet.
    case .producer:
      return [.publish(packet.slots, beyond: UInt32(255 + place - packet.slots.count))]
    case .extraType: return [.publish(withExtra(of: [0, 5, 6][place]) + honest, beyond: 0)]
    case .multicastLimit: return [.publish(multicast + honest, beyond: 0)]
    default: return [.publish(packet.slots + honest, beyond: 0)]
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

  /// All is spent by the slot at `position`: but for a header, exactly, or more than all. Sixteen whole pages
  /// more are as none where sizes wrap.
  private var sized: CasePacket {
    var packet = honest
    for later in packet.parts.indices.dropFirst(position + 1) { packet.parts[later].size = 0 }
    packet.declared = UInt16(100 * position) &+ [14, 0, UInt16(bitPattern: -1)][place]
    if bound == .above, position == 16 {
      for page in 1...position { packet.parts[page].size = UInt16(RingLayout.pageSize) }
      packet.declared = 100
    }
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
  private var missingSlot: [CaseSlot] {
    let slots = honest.slots
    let there = Array(slots.prefix(slots.count - self.slots + position))
    return bound == .at ? there : there + [Self.zeros]
  }

  private var missingExtra: [CaseSlot] {
    let slots = honest.slots.prefix(1 + extras).promisingAnExtra(behind: extras)
    return bound == .at ? slots : slots + [Self.zeros]
  }

  private static let zeros = CaseSlot(raw: [0, 0, 0, 0])

  /// The honest packet with one extra info more, of any type.
  private func withExtra(of type: UInt32) -> [CaseSlot] {
    var slots = honest.slots.promisingAnExtra(behind: extras)
    slots.insert(CaseSlot(raw: [type | 0x03e8_0000, 1, 0, 0]), at: 1 + extras)
    return slots
  }

  /// Requests for addresses, and the packet behind them.
  private var multicast: [CaseSlot] {
    let requests = (0..<(63 + place)).flatMap { number in
      CasePacket([60]).with(.multicastAdd(MACAddress(bits: UInt64(number)))).slots
    }
    return requests + honest.slots
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
