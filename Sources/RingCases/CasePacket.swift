import Netif
import XenRing

/// A packet in the making: extra infos and data slots, honest until something is changed.
struct CasePacket {
  /// A data slot with its own size.
  struct Part {
    var grant: CaseGrant
    var offset: UInt16
    var size: UInt16
    var flags: TxFlags = []
  }

  var parts: [Part]
  /// Raw slots after the first one; more-flags are set when the packet is written.
  var extras: [ExtraInfo] = []
  /// Flags of the first slot beside more-data and extra-info.
  var flags: TxFlags = []
  /// What the first slot says is the total, when it is not the sum of the parts.
  var declared: UInt16?

  init(_ parts: [Part]) { self.parts = parts }

  /// Slots of these sizes, each from its own page at offset 0.
  init(
    _ sizes: [UInt16], page: UInt8 = 0, flags: TxFlags = [], extras: [ExtraInfo] = [],
    declared: UInt16? = nil
  ) {
    parts = sizes.enumerated().map { place, size in
      let number = (Int(page) + place) % CasePages.count
      return Part(grant: .page(UInt8(number)), offset: 0, size: size)
    }
    self.flags = flags
    self.extras = extras
    self.declared = declared
  }

  /// `count` slots of `size` octets.
  init(slots count: Int, of size: UInt16, page: UInt8 = 0) {
    self.init([UInt16](repeating: size, count: count), page: page)
  }

  /// The same packet with one part changed.
  func changing(_ place: Int, _ change: (inout Part) -> Void) -> CasePacket {
    var packet = self
    change(&packet.parts[place])
    return packet
  }

  /// The same packet with extra infos.
  func with(_ extras: ExtraInfo...) -> CasePacket {
    var packet = self
    packet.extras += extras
    return packet
  }

  /// Octets of all parts, modulo 2^16.
  var total: UInt16 { parts.reduce(0) { $0 &+ $1.size } }

  /// The packet as slots.
  var slots: [CaseSlot] {
    let data = parts.enumerated().map { place, part in
      var flags = place == 0 ? flags.union(part.flags) : part.flags
      if place < parts.count - 1 { flags.formUnion(.moreData) }
      if place == 0, !extras.isEmpty { flags.formUnion(.extraInfo) }
      let size = place == 0 ? declared ?? total : part.size
      return CaseSlot(part.grant, offset: part.offset, size: size, flags: flags)
    }
    let infos = extras.enumerated().map { place, info in
      CaseSlot(raw: ExtraInfoSlot(info, hasMore: place < extras.count - 1).words)
    }
    return data.prefix(1) + infos + data.dropFirst()
  }
}

extension TxCase {
  /// A case that publishes packets in one go.
  init(_ name: String, _ packets: CasePacket...) {
    self.init(name, [.publish(packets.flatMap(\.slots), beyond: 0)])
  }

  /// A case that publishes raw slots in one go.
  init(_ name: String, slots: [CaseSlot], beyond: UInt32 = 0) {
    self.init(name, [.publish(slots, beyond: beyond)])
  }

  /// The case with an XDP extra info, which changes nothing, behind the first slot of its first
  /// packet; `nil` where there are extra infos already.
  var withExtras: TxCase? {
    guard case .publish(var slots, let beyond)? = steps.first, let first = slots.first,
      !first.request.flags.contains(.extraInfo), first.grant != nil, slots.count < 255
    else { return nil }
    slots[0].request.flags.formUnion(.extraInfo)
    slots.insert(CaseSlot(raw: ExtraInfoSlot(.xdp(headroom: 64), hasMore: false).words), at: 1)
    var copy = self
    copy.name += "/extra"
    copy.steps[0] = .publish(slots, beyond: beyond)
    return copy
  }
}
