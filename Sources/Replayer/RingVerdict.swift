import TraceFormat
import XenRing

// What a ring's state proves of a stall.

extension RingState {
  /// The cause, if it is one that `suspect` stands for.
  func cause(_ suspect: Suspect) -> Stall.Cause {
    switch suspect {
    case .untaken: untakenCause
    case .full: .ringFull
    case .owed: .lostNotification(to: .frontend)
    case .unreachable: .eventIndexNotPassed(of: .frontend)
    case .starved: .noRxBuffers
    }
  }

  /// An event index that is not ahead of what was taken asks for nothing.
  private var untakenCause: Stall.Cause {
    guard let event = requestEvent?.index, let taken = taken?.index, let published,
      taken.isBehind(event)
    else { return .backendAsleep }
    if published.index.isBehind(event) { return .eventIndexNotPassed(of: .backend) }
    return isToldOfRequests ? .backendAsleep : .lostNotification(to: .backend)
  }

  /// Whether the frontend sent an event for what it has published.
  private var isToldOfRequests: Bool {
    guard let backendTold, let published else { return false }
    return !backendTold.isBefore(published.place)
  }

  /// The events that prove it, in their order.
  func proofs(_ suspect: Suspect) -> [Stall.Proof] {
    var proofs: [Stall.Proof?] = []
    switch suspect {
    case .untaken:
      proofs = [frame, consumer, requestEventProof, producer]
      if isToldOfRequests, let backendTold { proofs.append(.init(backendTold, .backendTold)) }
    case .full: proofs = [answers, consumer, producer]
    case .owed:
      proofs = [responseEventProof, owed.map { .init($0.place, .responseProducer($0.index)) }]
    case .unreachable: proofs = [responseEventProof, producer, answers]
    case .starved: proofs = [frame, consumer] + starvedProofs
    }
    return proofs.compactMap(\.self).enumerated().sorted { first, second in
      first.element.place.isBefore(second.element.place)
        || first.element.place == second.element.place && first.offset < second.offset
    }.map(\.element)
  }

  private var consumer: Stall.Proof? {
    taken.map { Stall.Proof($0.place, .requestConsumer($0.index)) }
  }

  private var producer: Stall.Proof? {
    published.map { Stall.Proof($0.place, .requestProducer($0.index)) }
  }

  private var answers: Stall.Proof? {
    answered.map { Stall.Proof($0.place, .responseProducer($0.index)) }
  }

  private var requestEventProof: Stall.Proof? {
    requestEvent.map { Stall.Proof($0.place, .requestEvent($0.index)) }
  }

  private var responseEventProof: Stall.Proof? {
    responseEvent.map { Stall.Proof($0.place, .responseEvent($0.index)) }
  }

  private var frame: Stall.Proof? {
    waiting.since.map { Stall.Proof($0, .frameWaits(needed: waiting.needed)) }
  }

  private var starvedProofs: [Stall.Proof?] {
    [
      published.map { Stall.Proof(lookedAt ?? $0.place, .requestProducer($0.index)) },
      waiting.lastExpiry.map { Stall.Proof($0, .framesExpired(waiting.expired)) },
      waiting.firstRefusal.map { Stall.Proof($0, .framesRefused(waiting.refused)) },
    ]
  }

  /// What of it this ring's events do not tell. Whether the frontend's events are told at all is not
  /// known here.
  func untold(_ suspect: Suspect) -> [Untold] {
    switch suspect {
    case .untaken:
      if requestEvent == nil { return [.requestEvents, .frontendNotifications] }
      return cause(suspect) == .lostNotification(to: .backend) ? [.frontendNotifications] : []
    case .unreachable: return [.responseEvents]
    case .starved: return hasLookedSinceFrame ? [] : [.laterRequests]
    case .full, .owed: return []
    }
  }

  private var hasLookedSinceFrame: Bool {
    guard let since = waiting.since, let lookedAt else { return false }
    return !lookedAt.isBefore(since)
  }
}
