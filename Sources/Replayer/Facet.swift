import Netif
import TraceFormat
import XenRing

/// Kinds of events that are compared with each other, in the order in which a turn makes them.
enum Facet: UInt8 {
  case pollBegin, requestProducer, slot, copy, map, memory, delivered, release, eventIndex, answer
  case notification, responseProducer, disabled, pollEnd, taken, dropped
  /// Not compared.
  case none

  /// The facet of an event in a turn that is judged in this mode.
  @inline(__always) init(_ body: TraceEvent.Body, _ mode: JudgeMode) {
    let facet = Facet(body)
    switch mode {
    case .exact: self = facet
    case .limited:
      if facet == .slot || facet == .requestProducer || Self.isArming(body) {
        self = .none
      } else {
        self = facet
      }
    case .observed:
      switch facet {
      case .delivered, .answer, .disabled, .pollEnd: self = facet
      default: self = .none
      }
    }
  }

  private static func isArming(_ body: TraceEvent.Body) -> Bool {
    if case .eventIndex(_, .backend, _) = body { true } else { false }
  }

  private init(_ body: TraceEvent.Body) {
    switch body {
    case .pollBegin: self = .pollBegin
    case .requestProducer: self = .requestProducer
    case .slot: self = .slot
    case .grantCopy: self = .copy
    case .grantMap: self = .map
    case .memory: self = .memory
    case .delivered: self = .delivered
    case .release: self = .release
    case .eventIndex: self = .eventIndex
    case .txResponse, .rxResponse: self = .answer
    case .notification(_, .backend): self = .notification
    case .responseProducer: self = .responseProducer
    case .disabled: self = .disabled
    case .pollEnd: self = .pollEnd
    case .taken: self = .taken
    case .dropped: self = .dropped
    default: self = .none
    }
  }
}

/// Facets that a turn has.
struct FacetSet {
  private var bits: UInt32 = 0

  mutating func insert(_ facet: Facet) { bits |= 1 << UInt32(facet.rawValue) }

  func contains(_ facet: Facet) -> Bool { bits & 1 << UInt32(facet.rawValue) != 0 }

  /// The facets but those of grant operations and of what they showed.
  var withoutOperations: FacetSet { without([.copy, .map, .memory]) }

  /// The facets but that of what operations showed.
  var withoutMemory: FacetSet { without([.memory]) }

  private func without(_ facets: [Facet]) -> FacetSet {
    var others = self
    for facet in facets { others.bits &= ~(1 << UInt32(facet.rawValue)) }
    return others
  }

  func union(_ other: FacetSet) -> FacetSet {
    var union = self
    union.bits |= other.bits
    return union
  }

  /// Takes the first facet out.
  mutating func popFirst() -> Facet? {
    guard bits != 0 else { return nil }
    defer { bits &= bits &- 1 }
    return Facet(rawValue: UInt8(bits.trailingZeroBitCount))
  }
}

/// A turn's entries by facet: of each facet a chain, in the order of the turn. Reused from turn to
/// turn.
struct FacetChains {
  // Places are stored plus one; 0 ends a chain.
  private var firsts = InlineArray<17, UInt32>(repeating: 0)
  private var nexts: [UInt32] = []
  /// Facets whose chain is not empty.
  private(set) var facets = FacetSet()

  /// Takes another turn.
  mutating func link(_ entries: Span<Turn.Entry>, _ mode: JudgeMode) {
    var firsts = InlineArray<17, UInt32>(repeating: 0)
    var facets = FacetSet()
    while nexts.count < entries.count { nexts.append(0) }
    for place in entries.indices.reversed() {
      let facet = Facet(entries[place].event.body, mode)
      guard facet != .none else { continue }
      nexts[place] = firsts[Int(facet.rawValue)]
      firsts[Int(facet.rawValue)] = UInt32(place + 1)
      facets.insert(facet)
    }
    self.firsts = firsts
    self.facets = facets
  }

  /// The place in the turn of a facet's first entry.
  func first(of facet: Facet) -> Int? { Self.place(firsts[Int(facet.rawValue)]) }

  /// The place of the next entry of the same facet.
  func next(behind place: Int) -> Int? { Self.place(nexts[place]) }

  /// The places from one on, to the end of its chain.
  func places(from first: Int?) -> [Int] {
    var places: [Int] = []
    var next = first
    while let place = next {
      places.append(place)
      next = self.next(behind: place)
    }
    return places
  }

  private static func place(_ link: UInt32) -> Int? { link == 0 ? nil : Int(link) - 1 }
}

extension Turn.Entry {
  /// What an event is paired by: its index, where it has one; else its place among its like.
  var key: UInt32? {
    switch event.body {
    case .slot(_, let index, _), .release(let index), .txResponse(let index, _, _, _),
      .rxResponse(let index, _, _):
      index.rawValue
    case .delivered(_, let request): request.rawValue
    default: nil
    }
  }
}
