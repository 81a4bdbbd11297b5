import Netfront
import Netif
import TraceFormat
import XenInterface
import XenRing

/// The guest's pages of one ring and the slots that name them: page `index % 256` belongs to the
/// slot with that index.
///
/// References of the trace become references of this world on the way into the ring, and back on
/// the way into the verdict.
struct GuestSlots {
  static let count = Int(NetifLimits.ringSize)
  /// References from here on are in no table.
  private static let badReferences: UInt32 = 0xffff_f000

  private let pages: GuestPages
  private let badOffset: UInt32
  private let places: GrantIndex
  /// Where packets' first octets may lie besides; nil where the recorded queue had nothing such.
  private var headers: HeaderSlots?
  private var slots = [Slot](repeating: Slot(), count: count)
  /// Octets of each page that are filler as it stands behind a packet's headers.
  private var plain = [Range<Int>](repeating: 0..<0, count: count)

  private struct Slot {
    /// The trace's reference, or number of a header slot.
    var reference = GrantReference(rawValue: 0)
    var kind = TxSlotWalker.Kind.extra
    /// What of the page it names, on TX.
    var offset: UInt16 = 0
    var size: UInt16 = 0
    /// Octets of the page that the trace gave, from the slot's offset on.
    var known = 0..<0
    /// What it names of the header area; nil for a slot that names a page.
    var header: HeaderSlots.Slot?
  }

  /// Takes the pages of a ring, `count` of them.
  init(_ pages: GuestPages, ring: UInt32, headers: HeaderSlots? = nil) {
    self.pages = pages
    self.headers = headers
    badOffset = Self.badReferences + ring * UInt32(Self.count)
    var places = GrantIndex(capacity: 2 * Self.count)
    for place in 0..<Self.count {
      places.set(pages.grant(of: place), place)
      places.set(GrantReference(rawValue: badOffset + UInt32(place)), place)
    }
    self.places = places
  }

  static func place(of index: RingIndex) -> Int { Int(index.rawValue) % count }

  /// Gives the slot at `index` its page, or a reference that is in no table. One that names a header slot
  /// goes on naming it, and so does one that says it does and names none.
  ///
  /// - Parameter request: what the trace has in the slot.
  mutating func assign(
    _ request: TxRequest, at index: RingIndex, kind: TxSlotWalker.Kind, isBad: Bool
  ) -> GrantReference {
    var slot = Slot(
      reference: request.grant, kind: kind, offset: request.offset, size: request.size)
    guard headers != nil, kind == .head, request.flags.contains(.headerSlot) else {
      return assign(slot, at: index, isBad: isBad)
    }
    let place = Self.place(of: index)
    slot.header = headers?.take(request, at: place)
    slots[place] = slot
    return request.grant
  }

  /// The same of an RX slot, which is offered as a whole.
  mutating func assign(
    _ reference: GrantReference, at index: RingIndex, isBad: Bool
  ) -> GrantReference {
    assign(Slot(reference: reference, kind: .data), at: index, isBad: isBad)
  }

  private mutating func assign(_ slot: Slot, at index: RingIndex, isBad: Bool) -> GrantReference {
    let place = Self.place(of: index)
    slots[place] = slot
    return isBad ? GrantReference(rawValue: badOffset + UInt32(place)) : pages.grant(of: place)
  }

  /// Says that the slot at `index` names no page.
  mutating func clear(at index: RingIndex) { slots[Self.place(of: index)].kind = .extra }

  /// What the slot at `index` is.
  func kind(at index: RingIndex) -> TxSlotWalker.Kind { slots[Self.place(of: index)].kind }

  /// Whether the slot of a place is the first one of a packet.
  func isHead(at place: Int) -> Bool { slots[place].kind == .head }

  /// The place of the first slot of the packet that the slot of a place belongs to.
  func head(of place: Int) -> Int {
    let count = slots.count
    for back in 0..<count where slots[(place + count - back) % count].kind == .head {
      return (place + count - back) % count
    }
    return place
  }

  /// How many of an operation's octets the trace gave to the page of a place, from the first one on.
  func knownOctets(of operand: TraceEvent.GrantOperand, at place: Int) -> Int {
    let known = known(at: place)
    let start = Int(operand.offset)
    guard known.lowerBound <= start else { return 0 }
    return max(0, min(known.upperBound, start + Int(operand.length)) - start)
  }

  /// The reference of this world that the page of a place has, unless it was made a bad one.
  func grant(at place: Int) -> GrantReference {
    guard let headers, let header = slots[place].header else { return pages.grant(of: place) }
    return headers.grant(of: header.page)
  }

  /// Whether the slot of a place names a page, which can be made a bad one.
  func namesPage(at place: Int) -> Bool { slots[place].header == nil }

  /// The place that a reference of this world belongs to.
  func place(of grant: GrantReference) -> Int? { places[grant] }

  /// The slot of a place, with the page that its data is in; nil for an extra info.
  func dataSlot(at place: Int) -> PollScene.DataSlot? {
    let slot = slots[place]
    guard slot.kind != .extra else { return nil }
    var found = PollScene.DataSlot(
      place: place, grant: slot.reference, offset: slot.offset, size: slot.size,
      isHead: slot.kind == .head)
    if let headers, let header = slot.header {
      found.grant = headers.reference(of: header.page)
      found.offset += UInt16(header.octets.lowerBound)
    }
    return found
  }

  /// The trace's reference of a place, as its slot says it.
  func reference(at place: Int) -> GrantReference { slots[place].reference }

  /// Octets of a place's page that the trace gave.
  func known(at place: Int) -> Range<Int> { slots[place].known }

  /// Writes what the trace knows of a page; of one of the header area, what is in the place's slot.
  mutating func write(_ octets: RawSpan, at offset: Int, place: Int) {
    let header = slots[place].header
    guard header?.octets.contains(offset) ?? true else { return }
    let start = min(offset, RingLayout.pageSize)
    let count = min(octets.byteCount, (header?.octets.upperBound ?? RingLayout.pageSize) - start)
    setOctets(octets.extracting(first: count), place: place, at: start)
    let end = start + count
    let known = slots[place].known
    slots[place].known = known.upperBound == start ? known.lowerBound..<end : start..<end
    guard header == nil else { return }
    plain[place] = max(plain[place].lowerBound, end)..<max(plain[place].upperBound, end)
  }

  private func setOctets(_ octets: RawSpan, place: Int, at start: Int) {
    if let headers, let header = slots[place].header {
      headers.setOctets(octets, of: header, at: start)
    } else {
      pages.setOctets(octets, page: place, at: start)
    }
  }

  /// Fills a slot's part of its page with what stands for octets that the trace does not have.
  ///
  /// - Parameter position: where the part begins in its packet.
  mutating func fill(place: Int, offset: Int, count: Int, position: Int) {
    if let header = slots[place].header {
      let count = min(max(count, 0), header.octets.upperBound - offset)
      return Filler.withOctets(position, count: count) {
        setOctets($0, place: place, at: offset)
      }
    }
    let start = min(offset, RingLayout.pageSize)
    let end = start + min(max(count, 0), RingLayout.pageSize - start)
    let headersEnd = min(start + Filler.headers(from: position), end)
    // What an earlier packet left there of the same filler is not written again.
    let left = plain[place]
    let reachesEnd = left.lowerBound <= end && left.upperBound >= end
    let stop = reachesEnd ? max(headersEnd, left.lowerBound) : end
    Filler.withOctets(position, count: stop - start) {
      pages.setOctets($0, page: place, at: start)
    }
    plain[place] = headersEnd..<(reachesEnd ? left.upperBound : end)
  }

  /// The first octet in which a page differs from `octets`, which it should hold at `offset`.
  ///
  /// - Parameter scratch: room for a page.
  func firstDifference(
    place: Int, at offset: Int, from octets: RawSpan, _ scratch: inout [UInt8]
  ) -> Int? {
    var storage = scratch.mutableSpan
    var bytes = storage.octets
    var page = bytes._mutatingExtracting(first: octets.byteCount)
    pages.copyOctets(page: place, at: offset, into: &page)
    return scratch.span.octets.firstDifference(from: octets)
  }
}

/// The slots of a queue, and what the trace calls what is in them.
struct QueueSlots {
  var tx: GuestSlots
  var rx: GuestSlots
  /// The own indices of requests from before the trace, as far as the trace has named them.
  var namedBefore: [RingIndex: RingIndex] = [:]

  /// Puts the trace's own references and indices into what the backend did.
  func translate(_ turn: inout Turn) {
    turn.change { entry in
      switch entry.event.body {
      case .slot(.tx, let index, var words):
        if tx.kind(at: index) != .extra {
          words.w0 = tx.reference(at: GuestSlots.place(of: index)).rawValue
        }
        entry.event.body = .slot(ring: .tx, index: index, words)
      case .slot(.rx, let index, var words):
        words.w1 = rx.reference(at: GuestSlots.place(of: index)).rawValue
        entry.event.body = .slot(ring: .rx, index: index, words)
      case .grantCopy(var operand, let direction, let status):
        entry.place = (direction == .fromGuest ? tx : rx).translate(&operand)
        entry.event.body = .grantCopy(operand, direction: direction, status: status)
      case .grantMap(let grant, let readOnly, let handle, let status):
        entry.place = tx.place(of: grant)
        entry.event.body = .grantMap(
          entry.place.map { tx.reference(at: $0) } ?? grant, readOnly: readOnly, handle: handle,
          status: status)
      case .release(let index): entry.event.body = .release(index: named(index))
      case .txResponse(let index, let request, let id, let status):
        entry.event.body = .txResponse(
          index: index, request: named(request), id: id, status: status)
      case .memory(var operand):
        entry.place = tx.translate(&operand)
        entry.event.body = .memory(operand)
      default: break
      }
    }
  }

  /// A request's own index, once the trace has named it.
  private func named(_ index: RingIndex) -> RingIndex {
    namedBefore.isEmpty ? index : namedBefore[index] ?? index
  }
}

extension GuestSlots {
  /// Puts the trace's reference in place of this world's.
  ///
  /// - Returns: the place that it belongs to.
  fileprivate func translate(_ operand: inout TraceEvent.GrantOperand) -> Int? {
    guard let place = place(of: operand.grant) else { return headers?.translate(&operand) }
    operand.grant = reference(at: place)
    return place
  }
}
