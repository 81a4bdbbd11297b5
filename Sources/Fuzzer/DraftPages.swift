import RingCases
import XenInterface
import XenRing

/// The sixteen pages of a scenario's guest, and which references of a trace they stand for.
///
/// A reference keeps its page as long as it is in use. A further one takes the page that was used longest ago.
struct DraftPages {
  /// Pages that references of TX slots and messages take; those of RX requests take the others.
  private static let sending = 0..<12
  private static let receiving = 12..<ScenarioGrant.pages
  private static let fresh = (0..<ScenarioGrant.pages).map(CasePages.octets)

  private struct Page {
    /// The reference that it stands for.
    var reference: UInt32?
    /// When it was used last.
    var used = 0
    /// What it holds; `nil` when the backend may have written into it.
    var octets: [UInt8]?
    /// What Xen says to operations on it.
    var refusal: Int16 = 0
    /// Whether a slot names it that is not published yet.
    var isPending = false
  }

  private var pages = fresh.map { Page(octets: $0) }
  private var clock = 0

  /// A number that stands for a reference that is in no table.
  static func ungranted(_ reference: UInt32) -> ScenarioGrant {
    let least = UInt32(ScenarioGrant.pages)
    let own = reference &- ScenarioGrant.first
    return ScenarioGrant(
      rawValue: UInt8(least..<256 ~= own ? own : least + reference % (256 - least)))
  }

  /// The page that a reference stands for by now.
  func page(of reference: UInt32) -> Int? {
    pages.firstIndex { $0.reference == reference }
  }

  /// The page that a reference stands for from now on.
  mutating func take(_ reference: UInt32, receives: Bool = false) -> UInt8 {
    let page = page(of: reference) ?? oldest(for: reference, receives: receives)
    clock += 1
    pages[page].reference = reference
    pages[page].used = clock
    pages[page].isPending = true
    if receives { pages[page].octets = nil }
    return UInt8(page)
  }

  /// A scenario's own reference has its own page.
  private func oldest(for reference: UInt32, receives: Bool) -> Int {
    if let own = ScenarioGrant.page(of: reference), pages[own].reference == nil { return own }
    let pool = receives ? Self.receiving : Self.sending
    return pool.min { age($0) < age($1) } ?? pool.lowerBound
  }

  private func age(_ page: Int) -> (Int, Int) { (pages[page].isPending ? 1 : 0, pages[page].used) }

  /// Whether so many further references find pages that no unpublished slot names.
  func hasRoom(for references: Int) -> Bool {
    Self.sending.count { !pages[$0].isPending } >= references
  }

  /// Whether some slot is not published yet.
  var hasPending: Bool { pages.contains(where: \.isPending) }

  /// What was written is published.
  mutating func settle() { for page in pages.indices { pages[page].isPending = false } }

  /// The steps that make a page hold these octets.
  func writes(_ octets: ArraySlice<UInt8>, in page: UInt8, at offset: Int) -> [ScenarioStep] {
    let held = pages[Int(page)].octets
    var words: [(place: Int, octets: ArraySlice<UInt8>)] = []
    var wanted = held ?? Self.fresh[Int(page)]
    let range = Self.put(octets, in: &wanted, at: offset)
    for place in range.lowerBound / 4..<(range.upperBound + 3) / 4 {
      let range = 4 * place..<4 * place + 4
      if held?[range] != wanted[range] { words.append((place, wanted[range])) }
    }
    return Self.steps(words, in: page)
  }

  /// Words in a row that are the same octet all over are one step.
  private static func steps(
    _ words: [(place: Int, octets: ArraySlice<UInt8>)], in page: UInt8
  ) -> [ScenarioStep] {
    var steps: [ScenarioStep] = []
    for word in words {
      let octet = word.octets.first ?? 0
      guard word.octets.allSatisfy({ $0 == octet }) else {
        let value = word.octets.reversed().reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
        steps.append(.word(page: page, place: UInt16(word.place), value))
        continue
      }
      let start = UInt16(4 * word.place)
      if case .fill(_, let offset, let length, octet) = steps.last, offset + length == start {
        steps[steps.count - 1] = .fill(page: page, offset: offset, length: length + 4, octet: octet)
      } else {
        steps.append(.fill(page: page, offset: start, length: 4, octet: octet))
      }
    }
    return steps
  }

  /// Takes over that these octets are there.
  mutating func hold(_ octets: ArraySlice<UInt8>, in page: UInt8, at offset: Int) {
    var held = pages[Int(page)].octets ?? Self.fresh[Int(page)]
    _ = Self.put(octets, in: &held, at: offset)
    pages[Int(page)].octets = held
  }

  /// Puts octets into a page, as far as they lie in it.
  private static func put(
    _ octets: ArraySlice<UInt8>, in page: inout [UInt8], at offset: Int
  ) -> Range<Int> {
    let start = min(offset, page.count)
    let range = start..<min(start + octets.count, page.count)
    page.replaceSubrange(range, with: octets.prefix(range.count))
    return range
  }

  /// What Xen says to operations on a page.
  func refusal(of page: UInt8) -> Int16 { pages[Int(page)].refusal }

  /// Takes over what Xen says from now on.
  mutating func refuse(_ page: UInt8, _ status: Int16) { pages[Int(page)].refusal = status }

  /// Whether a slot that is not published yet names a page.
  func isPending(_ page: UInt8) -> Bool { pages[Int(page)].isPending }
}
