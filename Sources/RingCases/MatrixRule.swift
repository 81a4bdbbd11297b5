/// A rule of the TX ring that the matrix looks at from below, at and above its bound.
public enum MatrixRule: String, CaseIterable, Sendable {
  /// The first slot brings an Ethernet header: 13, 14, 15 octets.
  case minimumSize = "tx/minimum-size"
  /// A slot ends with its page, one octet earlier or later.
  case pageCrossing = "tx/page-crossing"
  /// A slot of no octets begins at 4095, 4096, 4097.
  case pageEnd = "tx/page-end"
  /// Slots of a packet: 1 to 24 of them.
  case slotLimit = "tx/slot-limit"
  /// A slot brings less than what is left of the total, as much, or more.
  case sizeSum = "tx/size-sum"
  /// From some slot on nothing is published; or one slot of zeros more is claimed than is written.
  case missingSlot = "tx/missing-slot"
  /// The last extra info says that there is none behind it, that there is one, which is not published; or
  /// which is a slot of zeros.
  case missingExtra = "tx/missing-extra"
  /// An extra info of type 0, of the last type there is, of the one behind it.
  case extraType = "tx/extra-type"
  /// Segments of 0, 1, 2 octets.
  case gsoSize = "tx/gso-size"
  /// A segmentation of type 0, 2, 3.
  case gsoType = "tx/gso-type"
  /// The producer is 255, 256, 257 slots ahead.
  case producer = "tx/producer"
  /// A slot's page is granted, was taken back, was never granted.
  case grant = "tx/grant"
  /// A slot brings 0, 1, 2 octets.
  case emptySlot = "tx/empty-slot"
  /// A slot ends where the linear area of 128 octets does, one octet earlier or later.
  case linearArea = "tx/linear-area"
  /// The multicast list is asked for 63, 64, 65 addresses.
  case multicastLimit = "tx/multicast-limit"
}

/// Where a cell stands to its rule's bound.
public enum MatrixBound: Int, CaseIterable, Sendable {
  /// One step below it, or less.
  case below = -1
  /// At it.
  case at = 0
  /// One step above it, or more.
  case above = 1
}

/// Why a place of the matrix holds no cell. There are no other reasons.
public enum MatrixGap: String, CaseIterable, Sendable {
  /// The packet has no slot at this position.
  case noSuchSlot
  /// The rule looks at the whole packet, not at one slot: it stands at position 0 alone.
  case wholePacket
  /// The rule looks at slots behind the first.
  case notFirstSlot
  /// The number of slots is the bound.
  case boundIsSlots
  /// The rule looks at requests that carry no packet: they stand with packets of one slot.
  case noPacket
}
