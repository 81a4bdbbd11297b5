import XenInterface
import XenRing

/// The pages of packets that are not copied whole. Once a queue has run for a while, the objects that
/// stand for them are used again.
extension TxBatch {
  /// A mapping for the pages of a packet.
  mutating func mapping(
    ofPacket packet: Int, of domain: DomainID, device: any GrantDevice
  ) -> TxMapping {
    let mapping = spare.popLast() ?? TxMapping()
    mapping.begin(head: plan.frames[packet].head, of: domain, device: device)
    for place in plan.packets[packet].maps { mapping.add(plan.maps[place].grant) }
    return mapping
  }

  /// Takes the pages of a packet, unless they could not be mapped. Packets come in order.
  ///
  /// - Returns: the places of what lies in them.
  mutating func take(_ mapping: TxMapping, ofPacket packet: Int) -> Range<Int> {
    let first = outcome.fragments.count
    let failures = mapping.failures
    for (page, place) in plan.packets[packet].maps.enumerated() {
      plan.maps[place].status = failures?[page] ?? .okay
      guard failures == nil else { continue }
      outcome.fragments.append(FrameFragment(map: plan.maps[place], mapping: mapping, page: page))
    }
    let fragments = first..<outcome.fragments.count
    if !fragments.isEmpty {
      arrivals.append(Arrival(packet: packet, fragments: fragments, mapping: mapping))
    }
    return fragments
  }

  /// Takes what is to be unmapped now.
  mutating func takeUnmapping() -> [TxMapping] {
    var taken: [TxMapping] = []
    swap(&taken, &unmapping)
    return taken
  }

  /// Takes released mappings for frames to come, but those that somebody still names.
  mutating func takeBack(_ released: inout [TxMapping]) {
    for place in released.indices where isKnownUniquelyReferenced(&released[place]) {
      spare.append(released[place])
    }
    released.removeAll(keepingCapacity: true)
    if unmapping.isEmpty { swap(&released, &unmapping) }
  }
}
