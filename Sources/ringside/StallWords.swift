internal import Netif
internal import Replayer
internal import TraceFormat
internal import XenInterface
internal import XenRing

extension Stall {
  /// What, where, how long, and what proves it.
  var lines: [String] {
    let queue = ring == .control ? "" : ", queue \(queue)"
    var lines = [
      "  \(cause.name): \(VifPlace(domain: domain, handle: handle))\(queue), \(ring) ring: \(cause.words)",
      "    for \(nanoseconds.asSeconds) s: from \(begin.words) to \(end.words), \(ending.words)",
    ]
    if takesCarrier { lines.append("    Linux takes the carrier away after \(Self.carrier)") }
    lines += proofs.map { "    \($0.place.words)  \($0.fact.words)" }
    return lines + untold.map { "    cannot be told: \($0.words)" }
  }

  private static var carrier: String { StallLimits.carrier.asSeconds + " s" }

  /// The events from the first that proves it to the last, as `--from` and `--to` take them; `nil` when
  /// all is in the header.
  var range: (UInt64, UInt64)? {
    let places = proofs.map(\.place) + [begin, end]
    guard let last = places.compactMap(\.number).max() else { return nil }
    return (places.map { $0.number ?? 0 }.min() ?? 0, last + 1)
  }
}

extension Stall.Cause {
  /// Its name.
  var name: String {
    switch self {
    case .lostNotification: "lost notification"
    case .eventIndexNotPassed: "event index not passed"
    case .backendAsleep: "backend asleep"
    case .ringFull: "ring full"
    case .noRxBuffers: "no RX buffers"
    }
  }

  /// The side that sleeps, where either can.
  var side: TraceSide? {
    switch self {
    case .lostNotification(let side), .eventIndexNotPassed(let side): side
    case .backendAsleep, .ringFull, .noRxBuffers: nil
    }
  }

  /// What it means.
  var words: String {
    switch self {
    case .lostNotification(.backend):
      "requests crossed the backend's event index, and no poll follows"
    case .lostNotification(.frontend):
      "answers crossed the frontend's event index, and the backend sent no event"
    case .eventIndexNotPassed(.backend):
      "the backend sleeps until a request that is not published"
    case .eventIndexNotPassed(.frontend):
      "the frontend sleeps until an answer that no published request can get"
    case .backendAsleep: "there is work in the ring, and the backend is not at it"
    case .ringFull: "no slot is free, for none of the requests in it is answered"
    case .noRxBuffers: "frames wait, and the guest offers fewer requests than the first one needs"
    }
  }
}

extension Stall.Ending {
  var name: String {
    switch self {
    case .moved: "moved"
    case .traceEnded: "trace-ended"
    case .eventsLost: "events-lost"
    case .ringGone: "ring-gone"
    }
  }

  /// What is at the end.
  var words: String {
    switch self {
    case .moved: "where the ring moves again"
    case .traceEnded: "where the trace ends"
    case .eventsLost: "where events are missing"
    case .ringGone: "where the ring is let go of"
    }
  }
}

extension Stall.Fact {
  /// Its name, and its index or count.
  var record: (String, UInt32?) {
    switch self {
    case .requestProducer(let index): ("req_prod", index.rawValue)
    case .requestConsumer(let index): ("req_cons", index.rawValue)
    case .responseProducer(let index): ("rsp_prod", index.rawValue)
    case .requestEvent(let index): ("req_event", index.rawValue)
    case .responseEvent(let index): ("rsp_event", index.rawValue)
    case .backendTold: ("notification", nil)
    case .frameWaits(let needed): ("needed", needed)
    case .framesExpired(let count): ("expired", count)
    case .framesRefused(let count): ("refused", count)
    }
  }

  var words: String {
    let (name, value) = record
    let field = value.map { "\(name) \($0)" } ?? name
    switch self {
    case .requestProducer: return "\(field): so far requests were published"
    case .requestConsumer: return "\(field): so far the backend had taken them"
    case .responseProducer: return "\(field): so far they were answered"
    case .requestEvent: return "\(field): the backend wants to be told then"
    case .responseEvent: return "\(field): the frontend wants to be told then"
    case .backendTold: return "the frontend sent an event"
    case .frameWaits(let needed): return "a frame waits for the guest; it needs \(needed) requests"
    case .framesExpired(let count): return "\(count) frames had waited too long and were dropped"
    case .framesRefused(let count): return "the first of \(count) frames that were refused"
    }
  }
}

extension Untold {
  /// What it is that is not known.
  var words: String {
    switch self {
    case .frontendNotifications: "whether the frontend sent the events that it had to send"
    case .backendNotifications: "whether the backend sent the events that it had to send"
    case .requestEvents: "when the backend wanted to be told, since a snapshot said so"
    case .responseEvents: "when the frontend wanted to be told, since it was last seen"
    case .laterRequests: "what the guest published before the backend looked again"
    case .waitingFrames: "which frames wait for the guest, since a snapshot said so"
    case .lostEvents: "what happened where events are missing"
    }
  }
}

extension TracePlace {
  /// The event and its time, as `ringside show --from` takes either.
  fileprivate var words: String {
    number.map { "event \($0) (\(elapsed.asSeconds)s)" } ?? "the trace's header"
  }
}
