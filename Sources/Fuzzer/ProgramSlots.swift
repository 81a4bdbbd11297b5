import Netif
import XenRing

/// What the slots of a TX ring are, one behind the other, to a backend that walks them: only where data is does the
/// first word name a page.
struct ProgramSlots {
  private enum Place {
    case first
    /// Behind a first slot that has extra infos; whether data follows them.
    case extra(hasMore: Bool)
    case further
  }

  private var place = Place.first

  /// Takes the next slot.
  ///
  /// - Returns: whether it is an extra info.
  mutating func takeExtra(_ words: SlotWords) -> Bool {
    let flags = TxFlags(rawValue: UInt16(words[1] >> 16))
    let hasMore = flags.contains(.moreData)
    switch place {
    case .first:
      place = flags.contains(.extraInfo) ? .extra(hasMore: hasMore) : hasMore ? .further : .first
      return false
    case .further:
      if !hasMore { place = .first }
      return false
    case .extra(let hasMore):
      takeExtra(ScenarioExtra(words), hasMore: hasMore)
      return true
    }
  }

  /// A packet that changes the multicast list has no further slots.
  private mutating func takeExtra(_ extra: ScenarioExtra, hasMore: Bool) {
    let goesOn = hasMore && !extra.isMulticast
    place = extra.flags & 1 != 0 ? .extra(hasMore: goesOn) : goesOn ? .further : .first
  }
}

extension ScenarioExtra {
  fileprivate init(_ words: SlotWords) {
    self.init(
      type: UInt8(truncatingIfNeeded: words[0]), flags: UInt8(truncatingIfNeeded: words[0] >> 8))
  }

  fileprivate var isMulticast: Bool { type == 2 || type == 3 }
}
