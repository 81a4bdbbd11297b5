import Netif
import TraceFormat
import XenInterface
import XenRing

/// The header area of a queue that is replayed. A slot has the number that it had in the trace, and lies
/// at the same place; the pages are others.
struct HeaderSlots {
  /// A slot that a request names.
  struct Slot {
    /// Its page in the area.
    var page: Int
    /// Its octets in the page.
    var octets: Range<Int>
  }

  private let pages: any GrantedPages
  private let recorded: HeaderArea
  /// By their numbers: the place in the ring of the request that named each slot last.
  private var places = [Int](repeating: 0, count: HeaderArea.slotCount)

  /// Puts `pages` in place of those that the trace names.
  init(_ pages: any GrantedPages, for recorded: HeaderArea) {
    self.pages = pages
    self.recorded = recorded
  }

  /// The slot that the request at a place of the ring names; `nil` when nothing of one can be meant.
  mutating func take(_ request: TxRequest, at place: Int) -> Slot? {
    let number = request.grant.rawValue
    guard let (page, offset) = HeaderArea.place(ofSlot: number),
      request.offset < HeaderArea.slotSize
    else { return nil }
    places[Int(number)] = place
    return Slot(page: page, octets: Int(offset)..<(Int(offset) + HeaderArea.slotSize))
  }

  /// The trace's reference of a page.
  func reference(of page: Int) -> GrantReference { recorded.grants[page] }

  /// This world's reference of a page.
  func grant(of page: Int) -> GrantReference { pages.grants[page] }

  /// Writes octets of a slot.
  func setOctets(_ octets: RawSpan, of slot: Slot, at offset: Int) {
    pages.setOctets(octets, page: slot.page, at: offset)
  }

  /// Puts the trace's reference in place of this world's, where an operand is in the area.
  ///
  /// - Returns: the place in the ring of the request that it belongs to.
  func translate(_ operand: inout TraceEvent.GrantOperand) -> Int? {
    guard let page = pages.grants.firstIndex(of: operand.grant) else { return nil }
    operand.grant = recorded.grants[page]
    let slot = Int(operand.offset) % RingLayout.pageSize / HeaderArea.slotSize
    return places[page * HeaderArea.slotsPerPage + slot]
  }
}
