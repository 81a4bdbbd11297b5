import XenInterface

/// Where a queue's staged pages are, by their references: a table with open addressing that is looked
/// up once a slot and made anew when the guest changes it.
///
/// A guest may choose references that all fall on one place: a look-up then takes as many steps as
/// pages are staged.
struct StagedIndex {
  /// Twice the pages that there may be, a power of two.
  private static var size: Int { 2 * StagingTable.capacity }

  /// A reference above, the page's place plus one below; 0 where there is none.
  private var slots: [UInt64] = []

  /// The place of a page; `nil` when it is not staged.
  func place(of grant: GrantReference) -> Int? {
    guard !slots.isEmpty else { return nil }
    let slot = slots[slot(of: grant)]
    return slot == 0 ? nil : Int(UInt32(truncatingIfNeeded: slot)) - 1
  }

  /// Adds a page.
  ///
  /// - Precondition: there are less than `StagingTable.capacity`.
  /// - Returns: whether it was not there.
  mutating func insert(_ grant: GrantReference, at place: Int) -> Bool {
    if slots.isEmpty { slots = Array(repeating: 0, count: Self.size) }
    let slot = slot(of: grant)
    guard slots[slot] == 0 else { return false }
    slots[slot] = UInt64(grant.rawValue) << 32 | UInt64(place + 1)
    return true
  }

  /// Where a reference stands, or where it may be put.
  private func slot(of grant: GrantReference) -> Int {
    var slot = Int(truncatingIfNeeded: (grant.rawValue &* 0x9e37_79b1) >> 16) & (Self.size - 1)
    while slots[slot] != 0, slots[slot] >> 32 != UInt64(grant.rawValue) {
      slot = (slot + 1) & (Self.size - 1)
    }
    return slot
  }
}
