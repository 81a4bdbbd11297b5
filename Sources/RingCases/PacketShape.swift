import Netif
import XenRing

/// A packet as the slots of a publish spell it, before anybody judges it.
struct PacketShape {
  /// Distance of the first slot from the start of the publish.
  var head: Int
  /// Distances of the data slots, the first one included.
  var data: [Int]
  /// Those of them that Linux maps: not wholly inside the linear area, and not empty.
  var mapped: [Int]
  /// Whether no data of it counts, because it carries a multicast request.
  var isMulticast: Bool
  /// Empty slots that follow when the array of mapped ones is full.
  var hasEmptySlotBehindFullArray = false

  /// The complete packets of a publish. What follows an unfinished one is not looked at.
  static func packets(in slots: [CaseSlot]) -> [PacketShape] {
    var packets: [PacketShape] = []
    var next = 0
    while next < slots.count, let packet = PacketShape(slots, from: next, end: &next) {
      packets.append(packet)
    }
    return packets
  }

  private init?(_ slots: [CaseSlot], from head: Int, end: inout Int) {
    self.head = head
    let first = slots[head].request
    var place = head + 1
    guard let isMulticast = Self.skipExtras(slots, first, &place) else { return nil }
    self.isMulticast = isMulticast
    data = [head]
    mapped = []
    var goesOn = first.flags.contains(.moreData) && !isMulticast
    while goesOn {
      guard place < slots.count else { return nil }
      data.append(place)
      goesOn = slots[place].request.flags.contains(.moreData)
      place += 1
    }
    end = place
    if !isMulticast { findMapped(slots) }
  }

  private static func skipExtras(
    _ slots: [CaseSlot], _ first: TxRequest, _ place: inout Int
  ) -> Bool? {
    var isMulticast = false
    var hasMore = first.flags.contains(.extraInfo)
    while hasMore {
      guard place < slots.count else { return nil }
      let word = slots[place].words[0]
      isMulticast = isMulticast || [2, 3].contains(UInt8(truncatingIfNeeded: word))
      hasMore = word >> 8 & 1 != 0
      place += 1
    }
    return isMulticast
  }

  private mutating func findMapped(_ slots: [CaseSlot]) {
    let total = slots[head].request.size
    var sizes = data.map { slots[$0].request.size }
    sizes[0] = sizes.dropFirst().reduce(total) { $0 &- $1 }
    var linear = min(total, 128)
    if data.count > 17, linear < sizes[0] { linear = sizes[0] }
    for (place, size) in zip(data, sizes) {
      if linear > 0 {
        let covered = min(linear, size)
        linear -= covered
        if covered == size { continue }
      } else if size == 0 {
        if mapped.count == 17 { hasEmptySlotBehindFullArray = true }
        continue
      }
      mapped.append(place)
    }
  }
}

extension TxCase {
  /// Whether it claims slots that it has not written.
  var claimsTooMuch: Bool {
    steps.contains { if case .publish(_, 1...) = $0 { true } else { false } }
  }

  /// Whether a packet carries a multicast request, which outlives the packet.
  var hasMulticast: Bool {
    publishes.contains { PacketShape.packets(in: $0).contains { $0.isMulticast } }
  }

  /// Whether the kernel can be asked. Some input would not tell us anything about its rules.
  package var canBeAsked: Bool {
    steps.allSatisfy { step in
      guard case .publish(let slots, let beyond) = step else { return true }
      // What a producer claims beyond the slots written is zeros, as the ring was made.
      let stale = beyond <= NetifLimits.ringSize ? Int(beyond) : 0
      let zeros = [CaseSlot](repeating: CaseSlot(raw: [0, 0, 0, 0]), count: stale)
      return PacketShape.packets(in: slots + zeros).allSatisfy { !$0.hasEmptySlotBehindFullArray }
    }
  }
}
