import XenInterface
import XenRing

/// The pages of packets that are not copied whole. Once a queue has run for a while, the objects that
/// stand for them are used again.
extension TxBatch {
  /// How the pages of packets are to be mapped.
  struct MapWish {
    let domain: DomainID
    let device: any GrantDevice
    /// Whether that waits until somebody asks for their octets.
    let isLazy: Bool
    /// Whether the caller has to be told of each packet.
    let isWatched: Bool
  }

  /// Pages of a packet that were mapped, or could not all be.
  struct MapResult {
    let packet: Int
    let mapping: TxMapping
    /// The places of what lies in them; none when they could not be mapped.
    let fragments: Range<Int>
  }

  /// Maps the pages of the packets from `next` on, each packet's with one call.
  ///
  /// - Returns: those of a packet that the caller has to be told of; `nil` at the end.
  mutating func map(
    from next: inout Int, as wish: MapWish, into delivery: inout TxDelivery
  ) -> MapResult? {
    while next < plan.packets.count {
      let packet = next
      next += 1
      guard case .run(let run) = plan.packets[packet], !run.maps.isEmpty else { continue }
      let mapping = spare.popLast() ?? TxMapping()
      let failures = mapping.begin(
        head: plan.frames[packet].head, plan.maps[run.maps], as: wish)
      let fragments = take(mapping, failures, run.maps, ofPacket: packet, into: &delivery)
      if wish.isWatched {
        return MapResult(packet: packet, mapping: mapping, fragments: fragments)
      }
    }
    return nil
  }

  /// Takes the pages of a packet, unless they could not be mapped. Packets come in order.
  ///
  /// - Returns: the places of what lies in them.
  private mutating func take(
    _ mapping: TxMapping, _ failures: [GrantStatus]?, _ maps: Range<Int>, ofPacket packet: Int,
    into delivery: inout TxDelivery
  ) -> Range<Int> {
    let first = delivery.fragments.count
    for place in maps {
      let page = place - maps.lowerBound
      plan.maps[place].status = failures?[page] ?? .okay
      guard failures == nil else { continue }
      delivery.fragments.append(
        FrameFragment(map: plan.maps[place], mapping: mapping, page: page))
    }
    let fragments = first..<delivery.fragments.count
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
