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
final class GuestSlots {
  static let count = Int(NetifLimits.ringSize)
  /// References from here on are in no table.
  private static let badReferences: UInt32 = 0xffff_f000

  private let pages: GuestPages
  private let badOffset: UInt32
  private let places: GrantIndex
  /// The trace's reference of each place.
  private var references = [GrantReference](repeating: .init(rawValue: 0), count: count)
  private var kinds = [TxSlotWalker.Kind](repeating: .extra, count: count)
  /// Octets of each page that the trace gave, from the slot's offset on.
  private(set) var known = [Range<Int>](repeating: 0..<0, count: count)

  /// Takes the pages of a ring, `count` of them.
  init(_ pages: GuestPages, ring: UInt32) {
    self.pages = pages
    badOffset = Self.badReferences + ring * UInt32(Self.count)
    var places = GrantIndex(capacity: 2 * Self.count)
    for place in 0..<Self.count {
      places.set(pages.grant(of: place), place)
      places.set(GrantReference(rawValue: badOffset + UInt32(place)), place)
    }
    self.places = places
  }

  static func place(of index: RingIndex) -> Int { Int(index.rawValue) % count }

  /// Gives the slot at `index` its page, or a reference that is in no table.
  func assign(
    _ reference: GrantReference, at index: RingIndex, kind: TxSlotWalker.Kind = .data, isBad: Bool
  ) -> GrantReference {
    let place = Self.place(of: index)
    references[place] = reference
    kinds[place] = kind
    known[place] = 0..<0
    return isBad ? GrantReference(rawValue: badOffset + UInt32(place)) : pages.grant(of: place)
  }

  /// Says that the slot at `index` names no page.
  func clear(at index: RingIndex) { kinds[Self.place(of: index)] = .extra }

  /// What the slot at `index` is.
  func kind(at index: RingIndex) -> TxSlotWalker.Kind { kinds[Self.place(of: index)] }

  /// Whether the slot of a place is the first one of a packet.
  func isHead(at place: Int) -> Bool { kinds[place] == .head }

  /// The reference of this world that a place has, unless it was made a bad one.
  func grant(at place: Int) -> GrantReference { pages.grant(of: place) }

  /// The place that a reference of this world belongs to.
  func place(of grant: GrantReference) -> Int? { places[grant] }

  /// The trace's reference of a place.
  func reference(at place: Int) -> GrantReference { references[place] }

  /// Writes what the trace knows of a page.
  func write(_ octets: RawSpan, at offset: Int, place: Int) {
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
    Filler.withOctets(position, count: min(count, RingLayout.pageSize - start)) {
      pages.setOctets($0, page: place, at: start)
    }
  }

  /// The first octet in which a page differs from `octets`, which it should begin with.
  ///
  /// - Parameter scratch: room for a page.
  func firstDifference(place: Int, from octets: RawSpan, _ scratch: inout [UInt8]) -> Int? {
    var storage = scratch.mutableSpan
    var bytes = storage.octets
    var page = bytes._mutatingExtracting(first: octets.byteCount)
    pages.copyOctets(page: place, at: 0, into: &page)
    return scratch.span.octets.firstDifference(from: octets)
  }
}
