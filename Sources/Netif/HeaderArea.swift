public import XenInterface
import XenRing

/// Pages in which a frontend leaves the first octets of its packets, in slots of a fixed size (the private
/// extension `feature-x-ringside-header-area`). They are shared with the rings and as long as they.
///
/// The first request of a packet then has `TxFlags.headerSlot` and the number of a slot in place of a
/// grant reference; its offset counts from the slot's beginning.
public struct HeaderArea: Hashable, Sendable {
  /// Octets of a slot.
  public static let slotSize = 128
  /// Slots in a page.
  public static let slotsPerPage = RingLayout.pageSize / slotSize
  /// Pages of a queue's area: a slot for each request of its ring.
  public static let pageCount = Int(NetifLimits.ringSize) / slotsPerPage

  /// The pages, in order.
  public let grants: [GrantReference]

  /// Takes the pages; `nil` when they are not `pageCount`.
  public init?(grants: [GrantReference]) {
    guard grants.count == Self.pageCount else { return nil }
    self.grants = grants
  }

  /// Where the first `size` octets of a packet lie whose first request is `request`; `nil` when it names
  /// no slot, or goes beyond the slot's end.
  func fragment(_ request: TxRequest, size: UInt16) -> TxFragment? {
    let slot = Int(request.grant.rawValue)
    guard slot < Self.slotsPerPage * grants.count,
      Int(request.offset) + Int(size) <= Self.slotSize
    else { return nil }
    var found = request
    found.grant = grants[slot / Self.slotsPerPage]
    found.offset += UInt16(slot % Self.slotsPerPage * Self.slotSize)
    return TxFragment(found, size: size)
  }
}
