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
  private var places: [UInt32: Int] = [:]
  /// The trace's reference of each place.
  private var references = [GrantReference](repeating: .init(rawValue: 0), count: count)
  private var kinds = [TxSlotWalker.Kind](repeating: .extra, count: count)
  /// Octets of each page that the trace gave, from the slot's offset on.
  private(set) var known = [Range<Int>](repeating: 0..<0, count: count)

  /// Takes the pages of a ring, `count` of them.
  init(_ pages: GuestPages, ring: UInt32) {
    self.pages = pages
    badOffset = Self.badReferences + ring * UInt32(Self.count)
    for (place, grant) in pages.grants.enumerated() { places[grant.rawValue] = place }
    for place in 0..<Self.count { places[badOffset + UInt32(place)] = place }
  }

  static func place(of index: RingIndex) -> Int { Int(index.rawValue) % count }

  /// Gives the slot at `index` its page, or a reference that is in no table.
  mutating func assign(
    _ reference: GrantReference, at index: RingIndex, kind: TxSlotWalker.Kind = .data, isBad: Bool
  ) -> GrantReference {
    let place = Self.place(of: index)
    references[place] = reference
    kinds[place] = kind
    known[place] = 0..<0
    return isBad ? GrantReference(rawValue: badOffset + UInt32(place)) : pages.grants[place]
  }

  /// Says that the slot at `index` names no page.
  mutating func clear(at index: RingIndex) { kinds[Self.place(of: index)] = .extra }

  /// What the slot at `index` is.
  func kind(at index: RingIndex) -> TxSlotWalker.Kind { kinds[Self.place(of: index)] }

  /// The reference of this world that a place has, unless it was made a bad one.
  func grant(at place: Int) -> GrantReference { pages.grants[place] }

  /// The place that a reference of this world belongs to.
  func place(of grant: GrantReference) -> Int? { places[grant.rawValue] }

  /// The trace's reference of a place.
  func reference(at place: Int) -> GrantReference { references[place] }

  /// Writes what the trace knows of a page.
  mutating func write(_ octets: RawSpan, at offset: Int, place: Int) {
    let start = min(offset, RingLayout.pageSize)
    let count = min(octets.byteCount, RingLayout.pageSize - start)
    pages.setOctets(octets.extracting(first: count), page: place, at: start)
    let end = start + count
    known[place] = known[place].upperBound == start ? known[place].lowerBound..<end : start..<end
  }

  /// Fills a slot's part of its page with what stands for octets that the trace does not have.
  ///
  /// - Parameter position: where the part begins in its packet.
  func fill(place: Int, offset: Int, count: Int, position: Int) {
    let start = min(offset, RingLayout.pageSize)
    let octets = Filler.octets(position, count: min(count, RingLayout.pageSize - start))
    pages.setOctets(octets.span.octets, page: place, at: start)
  }

  /// Reads a page.
  func read(place: Int, _ range: Range<Int>) -> [UInt8] {
    var octets = [UInt8](repeating: 0, count: range.count)
    var storage = octets.mutableSpan
    var bytes = storage.octets
    pages.copyOctets(page: place, at: range.lowerBound, into: &bytes)
    return octets
  }
}
