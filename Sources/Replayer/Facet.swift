import Netif
import TraceFormat
import XenRing

/// Kinds of events that are compared with each other, in the order in which a turn makes them.
enum Facet: CaseIterable {
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

/// The events of one facet, recorded ones beside replayed ones.
struct Pairing {
  struct Pair {
    var recorded: Turn.Entry?
    var replayed: Turn.Entry?
  }

  private(set) var pairs: [Pair] = []

  /// Events that have an index are paired by it, the others by their order.
  init(_ recorded: [Turn.Entry], _ replayed: [Turn.Entry], _ facet: Facet) {
    var common = 0
    while common < min(recorded.count, replayed.count),
      Self.key(recorded[common]) == Self.key(replayed[common])
    {
      pairs.append(Pair(recorded: recorded[common], replayed: replayed[common]))
      common += 1
    }
    addRest(Array(recorded[common...]), Array(replayed[common...]))
  }

  private mutating func addRest(_ recorded: [Turn.Entry], _ replayed: [Turn.Entry]) {
    var rest = replayed
    for entry in recorded {
      let place = rest.firstIndex { Self.key($0) == Self.key(entry) }
      pairs.append(Pair(recorded: entry, replayed: place.map { rest.remove(at: $0) }))
    }
    pairs += rest.map { Pair(recorded: nil, replayed: $0) }
  }

  private static func key(_ entry: Turn.Entry) -> UInt32? {
    switch entry.event.body {
    case .slot(_, let index, _), .release(let index), .txResponse(let index, _, _, _),
      .rxResponse(let index, _, _):
      index.rawValue
    case .delivered(_, let request): request.rawValue
    default: nil
    }
  }
}
