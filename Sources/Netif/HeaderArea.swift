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
  /// Slots of a queue's area.
  public static let slotCount = slotsPerPage * pageCount

  /// The pages, in order.
  public let grants: [GrantReference]

  /// Takes the pages; `nil` when they are not `pageCount`.
  public init?(grants: [GrantReference]) {
    guard grants.count == Self.pageCount else { return nil }
    self.grants = grants
  }

  /// Where slot `number` lies: its page, and its first octet there; `nil` when there is no such slot.
  public static func place(ofSlot number: UInt32) -> (page: Int, offset: UInt16)? {
    guard number < UInt32(slotCount) else { return nil }
    let (page, slot) = Int(number).quotientAndRemainder(dividingBy: slotsPerPage)
    return (page, UInt16(slot * slotSize))
  }

  /// Where the first `size` octets of a packet lie whose first request is `request`; `nil` when it names
  /// no slot, or goes beyond the slot's end.
  func fragment(_ request: TxRequest, size: UInt16) -> TxFragment? {
    guard let (page, start) = Self.place(ofSlot: request.grant.rawValue),
      Int(request.offset) + Int(size) <= Self.slotSize
    else { return nil }
    var found = request
    found.grant = grants[page]
    found.offset += start
    return TxFragment(found, size: size)
  }
}
