import Netif
public import TraceFormat
public import XenInterface
import XenRing

/// Takes trace events as they happen. Called once per event.
public protocol TraceReceiver: AnyObject {
  /// Takes an event and the octets that belong to it, valid during the call only.
  func receive(_ event: TraceEvent, payload: RawSpan)
  /// A poll's answers are decided and not yet written (`NetbackTap.txSettled`).
  func settle(queue: UInt16, _ answers: Span<TxAnswer>)
}

extension TraceReceiver {
  /// Does nothing.
  public func settle(queue: UInt16, _ answers: Span<TxAnswer>) {}
}

/// What was said last of a queue; it is said again only when it has changed.
private struct SeenQueue {
  var txProducer: RingIndex?
  var rxProducer: RingIndex?
  var txEvent: RingIndex?
  var rxEvent: RingIndex?
  var controlProducer: RingIndex?
  var controlEvent: RingIndex?
  /// What stands in the id octets of TX slots; a NULL leaves them as they are.
  private var ids = [UInt16](repeating: 0, count: Int(NetifLimits.ringSize))

  /// Says `index` of a ring; whether it is another one than before.
  mutating func sayProducer(_ index: RingIndex, _ ring: TraceRing) -> Bool {
    switch ring {
    case .tx: Self.say(index, in: &txProducer)
    case .rx: Self.say(index, in: &rxProducer)
    case .control: Self.say(index, in: &controlProducer)
    }
  }

  /// Says the index that the frontend asked to be told of; whether it is another one than before.
  mutating func sayEvent(_ index: RingIndex, _ ring: TraceRing) -> Bool {
    switch ring {
    case .tx: Self.say(index, in: &txEvent)
    case .rx: Self.say(index, in: &rxEvent)
    case .control: Self.say(index, in: &controlEvent)
    }
  }

  private static func say(_ index: RingIndex, in last: inout RingIndex?) -> Bool {
    defer { last = index }
    return last != index
  }

  subscript(id index: RingIndex) -> UInt16 {
    get { ids[Int(index.rawValue % NetifLimits.ringSize)] }
    set { ids[Int(index.rawValue % NetifLimits.ringSize)] = newValue }
  }
}

/// What was said of each queue.
private struct SeenQueues {
  private var queues: [SeenQueue] = []

  /// Runs `body` over one of them, which is made when nothing was said of it yet.
  mutating func with<Result>(_ queue: UInt16, _ body: (inout SeenQueue) -> Result) -> Result {
    while queues.count <= Int(queue) { queues.append(SeenQueue()) }
    return body(&queues[Int(queue)])
  }
}

/// A tap that says what it sees as trace events.
///
/// What a page held and what a frame brought is cut: of each packet the first `snapLength` octets
/// are kept.
public final class TraceTap<Receiver: TraceReceiver> {
  /// Where the events go.
  public let receiver: Receiver
  let vif: UInt16
  let snapLength: Int
  private var time: MonotonicInstant
  private var seen = SeenQueues()

  /// Makes a tap for the vif that stands at place `vif` of the trace's header.
  public init(vif: UInt16, snapLength: Int, receiver: Receiver, now: MonotonicInstant) {
    self.receiver = receiver
    self.vif = vif
    self.snapLength = snapLength
    time = now
  }

  /// Time of the latest event.
  public var now: MonotonicInstant { time }

  /// Makes the time of what follows `now`, unless that lies behind.
  public func advance(to now: MonotonicInstant) { time = max(time, now) }

  func emit(_ queue: UInt16, _ body: TraceEvent.Body) { emit(queue, body, RawSpan()) }

  func emit(_ queue: UInt16, _ body: TraceEvent.Body, _ payload: RawSpan) {
    emit(queue, body, payload, at: time)
  }

  /// - Parameter time: when it happened, which may lie behind.
  func emit(
    _ queue: UInt16, _ body: TraceEvent.Body, _ payload: RawSpan, at time: MonotonicInstant
  ) {
    receiver.receive(
      TraceEvent(time: time, vif: vif, queue: queue, origin: .fetched, body), payload: payload)
  }

  func emitProducer(_ queue: UInt16, _ ring: TraceRing, _ index: RingIndex) {
    guard seen.with(queue, { $0.sayProducer(index, ring) }) else { return }
    emit(queue, .requestProducer(ring: ring, index: index))
  }

  /// What the frontend had asked for stands before the answers that it decided about.
  func emitEvent(_ queue: UInt16, _ ring: TraceRing, _ index: RingIndex) {
    guard seen.with(queue, { $0.sayEvent(index, ring) }) else { return }
    emit(queue, .eventIndex(ring: ring, by: .frontend, index: index))
  }

  /// The end of what was published closes a batch, so it is said last.
  func emitEnd(_ queue: UInt16, _ ring: TraceRing, _ push: RingPush) {
    if push.notification == .required { emit(queue, .notification(ring: ring, by: .backend)) }
    emit(queue, .responseProducer(ring: ring, index: push.end))
  }

  func idOctets(_ queue: UInt16, at index: RingIndex) -> UInt16 {
    seen.with(queue) { $0[id: index] }
  }

  /// Says what answers leave in the id octets of their slots, and the index that the frontend asked
  /// to be told of; whether that is another one than before.
  func say(_ queue: UInt16, _ answers: Span<TxAnswer>, _ push: RingPush) -> Bool {
    seen.with(queue) { queue in
      var index = push.first
      for place in answers.indices {
        queue[id: index] = answers[place].id
        index.advance(by: 1 + UInt32(answers[place].extras))
      }
      return queue.sayEvent(push.event, .tx)
    }
  }

  func setIdOctets(_ queue: UInt16, from first: RingIndex, _ slots: Span<SlotWords>) {
    seen.with(queue) { queue in
      for place in slots.indices {
        queue[id: first.advanced(by: UInt32(place))] = UInt16(truncatingIfNeeded: slots[place][0])
      }
    }
  }

  /// Says again what is said only when it changes: a new trace begins.
  public func forgetQueues() { seen = SeenQueues() }
}

// What `octets` has at a place, as far as it is within the snap length.
extension TraceTap {
  func captured(_ length: Int, at position: Int) -> Int {
    min(length, max(0, snapLength - position))
  }

  func emitSlots(_ queue: UInt16, _ ring: TraceRing, _ first: RingIndex, _ slots: Span<SlotWords>) {
    for place in slots.indices {
      let index = first.advanced(by: UInt32(place))
      emit(queue, .slot(ring: ring, index: index, TraceEvent.Words(slots[place])))
    }
  }

  func emitCopy(_ queue: UInt16, _ operation: GrantCopy, _ direction: CopyDirection) {
    let operand = TraceEvent.GrantOperand(
      grant: operation.grant, offset: operation.pageOffset, length: operation.length)
    emit(queue, .grantCopy(operand, direction: direction, status: operation.status))
  }
}
