import Netif
import TraceFormat
import XenRing

/// Kinds of events that are compared with each other, in the order in which a turn makes them.
enum Facet: UInt8, CaseIterable {
  case pollBegin, requestProducer, slot, copy, memory, delivered, release, eventIndex, answer
  case notification, responseProducer, disabled, pollEnd, taken, dropped
  /// Not compared.
  case none

  /// All but `none`.
  static let judged = allCases.filter { $0 != .none }

  /// The facet of an event in a turn that is judged in this mode.
  init(_ body: TraceEvent.Body, _ mode: JudgeMode) {
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

/// A turn's entries by facet: of each facet a chain, in the order of the turn. Reused from turn to
/// turn.
struct FacetChains {
  private static let none = -1
  /// The place of the first entry of each facet; then, behind each entry, of the next one of its own.
  private var links: [Int] = []

  /// Takes another turn.
  mutating func link(_ entries: [Turn.Entry], _ mode: JudgeMode) {
    links.removeAll(keepingCapacity: true)
    links.append(contentsOf: repeatElement(Self.none, count: Self.link(behind: entries.count)))
    var links = links.mutableSpan
    let entries = entries.span
    for place in entries.indices.reversed() {
      let facet = Facet(entries[place].event.body, mode)
      links[Self.link(behind: place)] = links[Self.link(to: facet)]
      links[Self.link(to: facet)] = place
    }
  }

  private static func link(to facet: Facet) -> Int { Int(facet.rawValue) }

  private static func link(behind place: Int) -> Int { Int(Facet.none.rawValue) + 1 + place }

  /// The place in the turn of a facet's first entry.
  func first(of facet: Facet) -> Int? { place(links[Self.link(to: facet)]) }

  /// The place of the next entry of the same facet.
  func next(behind place: Int) -> Int? { self.place(links[Self.link(behind: place)]) }

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

  private func place(_ link: Int) -> Int? { link == Self.none ? nil : link }
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
