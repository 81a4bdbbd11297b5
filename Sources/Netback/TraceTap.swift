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
  /// What stands in the id octets of TX slots; a NULL leaves them as they are.
  var ids = [UInt16](repeating: 0, count: Int(NetifLimits.ringSize))
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
  /// Time of the latest event.
  public private(set) var now: MonotonicInstant
  private var seen: [SeenQueue] = []

  /// Makes a tap for the vif that stands at place `vif` of the trace's header.
  public init(vif: UInt16, snapLength: Int, receiver: Receiver, now: MonotonicInstant) {
    self.receiver = receiver
    self.vif = vif
    self.snapLength = snapLength
    self.now = now
  }

  /// Makes the time of what follows `now`, unless that lies behind.
  public func advance(to now: MonotonicInstant) { self.now = max(self.now, now) }

  func emit(_ queue: UInt16, _ body: TraceEvent.Body) { emit(queue, body, RawSpan()) }

  func emit(_ queue: UInt16, _ body: TraceEvent.Body, _ payload: RawSpan) {
    receiver.receive(
      TraceEvent(time: now, vif: vif, queue: queue, origin: .fetched, body), payload: payload)
  }

  func emitProducer(_ queue: UInt16, _ ring: TraceRing, _ index: RingIndex) {
    let place = makeSeen(queue)
    let last = ring == .tx ? seen[place].txProducer : seen[place].rxProducer
    guard last != index else { return }
    if ring == .tx { seen[place].txProducer = index } else { seen[place].rxProducer = index }
    emit(queue, .requestProducer(ring: ring, index: index))
  }

  /// What the frontend had asked for stands before the answers that it decided about.
  func emitEvent(_ queue: UInt16, _ ring: TraceRing, _ index: RingIndex) {
    let place = makeSeen(queue)
    let last = ring == .tx ? seen[place].txEvent : seen[place].rxEvent
    guard last != index else { return }
    if ring == .tx { seen[place].txEvent = index } else { seen[place].rxEvent = index }
    emit(queue, .eventIndex(ring: ring, by: .frontend, index: index))
  }

  /// The end of what was published closes a batch, so it is said last.
  func emitEnd(_ queue: UInt16, _ ring: TraceRing, _ push: RingPush) {
    if push.notification == .required { emit(queue, .notification(ring: ring, by: .backend)) }
    emit(queue, .responseProducer(ring: ring, index: push.end))
  }

  func idOctets(_ queue: UInt16, at index: RingIndex) -> UInt16 {
    seen[makeSeen(queue)].ids[Int(index.rawValue % NetifLimits.ringSize)]
  }

  func setIdOctets(_ queue: UInt16, at index: RingIndex, _ id: UInt16) {
    seen[makeSeen(queue)].ids[Int(index.rawValue % NetifLimits.ringSize)] = id
  }

  private func makeSeen(_ queue: UInt16) -> Int {
    while seen.count <= Int(queue) { seen.append(SeenQueue()) }
    return Int(queue)
  }

  /// Says again what is said only when it changes: a new trace begins.
  public func forgetQueues() { seen.removeAll() }
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
