import Netif
import TraceFormat
import XenRing

/// Kinds of events that are compared with each other, in the order in which a turn makes them.
enum Facet: UInt8, CaseIterable {
  case pollBegin, requestProducer, slot, copy, memory, delivered, release, eventIndex, answer
  case notification, responseProducer, disabled, pollEnd, taken, dropped
  /// Not compared.
  case none

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

/// The places of a turn's entries by facet, each in the order of the turn. Reused from turn to turn.
struct FacetOrder {
  private var facets: [Facet] = []
  private var order: [Int] = []
  private var ends = [Int](repeating: 0, count: Facet.allCases.count)

  /// Takes another turn.
  mutating func sort(_ entries: [Turn.Entry], _ mode: JudgeMode) {
    facets.removeAll(keepingCapacity: true)
    order.removeAll(keepingCapacity: true)
    for facet in ends.indices { ends[facet] = 0 }
    for entry in entries {
      let facet = Facet(entry.event.body, mode)
      facets.append(facet)
      ends[Int(facet.rawValue)] += 1
      order.append(0)
    }
    var start = 0
    for facet in ends.indices {
      start += ends[facet]
      ends[facet] = start - ends[facet]
    }
    for (place, facet) in facets.enumerated() {
      order[ends[Int(facet.rawValue)]] = place
      ends[Int(facet.rawValue)] += 1
    }
  }

  /// One facet's entries, as a range of `place(_:)`.
  func range(of facet: Facet) -> Range<Int> {
    let start = facet.rawValue == 0 ? 0 : ends[Int(facet.rawValue) - 1]
    return start..<ends[Int(facet.rawValue)]
  }

  /// The place in the turn of the entry that comes in this order.
  func place(_ number: Int) -> Int { order[number] }

  /// The places of a range of entries.
  func places(_ range: Range<Int>) -> ArraySlice<Int> { order[range] }
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
