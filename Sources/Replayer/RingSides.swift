import Netif
public import TraceFormat
public import XenRing

/// Where both sides of a ring stand, as far as a trace has said.
public struct RingSides: Hashable, Sendable {
  /// Which of a queue's rings.
  public let ring: TraceRing
  /// How far the frontend has published requests (`req_prod`).
  public private(set) var requestProducer: RingIndex?
  /// Of which answer the frontend wants to be told (`rsp_event`).
  public private(set) var responseEvent: RingIndex?
  /// How far the backend has taken requests (`req_cons`).
  public private(set) var requestConsumer: RingIndex?
  /// Of which request the backend wants to be told (`req_event`).
  public private(set) var requestEvent: RingIndex?
  /// How far the backend has published answers (`rsp_prod`).
  public private(set) var responseProducer: RingIndex?
  /// How far it has written them (`rsp_prod_pvt`).
  public private(set) var writtenProducer: RingIndex?

  /// Nothing is known.
  init(_ ring: TraceRing) { self.ring = ring }

  /// Begins as a snapshot has it.
  init(_ ring: TraceRing, _ indices: QueueSnapshot.Indices) {
    self.ring = ring
    requestProducer = indices.requestProducer
    responseEvent = indices.responseEvent
    requestConsumer = indices.requestConsumer
    requestEvent = indices.requestEvent
    // Answers that are written and not published are so for the length of a poll alone.
    responseProducer = indices.responseProducer
    writtenProducer = indices.responseProducer
  }

  /// Requests that are published and not taken; `nil` when that is not known, or more than can be.
  public var untaken: UInt32? { distance(requestProducer, from: requestConsumer) }

  /// Requests that are taken and not answered; `nil` when that is not known, or more than can be.
  public var unanswered: UInt32? { distance(requestConsumer, from: writtenProducer) }

  /// Takes an event of the ring.
  mutating func take(_ body: TraceEvent.Body) {
    switch body {
    case .requestProducer(_, let index): requestProducer = index
    case .responseProducer(_, let index): publish(index)
    case .eventIndex(_, .frontend, let index): responseEvent = index
    case .eventIndex(_, .backend, let index): requestEvent = index
    case .slot(_, let index, _): seeTaken(index.advanced(by: 1))
    case .txResponse(let index, _, _, _), .controlResponse(let index, _, _, _):
      writtenProducer = index.advanced(by: 1)
    case .rxResponse(let index, _, _):
      writtenProducer = index.advanced(by: 1)
      seeTaken(index.advanced(by: 1))
    case .pollEnd(_, let consumer, let producer, _):
      seeTaken(consumer)
      writtenProducer = producer
    default: break
    }
  }

  private mutating func publish(_ index: RingIndex) {
    responseProducer = index
    writtenProducer = index
  }

  /// What is taken was published before, whether that was seen or not.
  private mutating func seeTaken(_ index: RingIndex) {
    requestConsumer = index
    if requestProducer?.isBehind(index) ?? true { requestProducer = index }
  }

  private func distance(_ index: RingIndex?, from earlier: RingIndex?) -> UInt32? {
    guard let index, let earlier else { return nil }
    let distance = index.distance(from: earlier)
    return distance <= ring.capacity ? distance : nil
  }
}

extension TraceRing {
  /// Number of slots.
  var capacity: UInt32 { self == .control ? NetifLimits.controlRingSize : NetifLimits.ringSize }
}
