extension TraceEvent.Body {
  /// The ring that an event belongs to.
  package var lane: TraceRing {
    switch self {
    case .slot(let ring, _, _), .requestProducer(let ring, _), .responseProducer(let ring, _),
      .eventIndex(let ring, _, _), .notification(let ring, _), .pollBegin(let ring, _),
      .pollEnd(let ring, _, _, _):
      ring
    case .grantCopy(_, .toGuest, _), .rxResponse, .taken, .dropped: .rx
    case .controlResponse: .control
    default: .tx
    }
  }
}
