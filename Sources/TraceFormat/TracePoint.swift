public import XenInterface
public import XenRing

/// A place in a trace, between two events.
public enum TracePoint: Hashable, Sendable {
  /// Right before the event of this number.
  case event(UInt64)
  /// Before the first event that comes so long after the trace's first one.
  case time(nanoseconds: UInt64)
  /// Right behind so many packets: frames delivered, taken and dropped.
  case packet(UInt64)
  /// Before the first event that shows the request slot with this index.
  case slot(TraceSlot)
}

/// A slot of one ring of a trace.
public struct TraceSlot: Hashable, Sendable {
  /// The vif, by its place in the header.
  public var vif: UInt16
  /// The queue; 0 for the control ring.
  public var queue: UInt16
  /// The ring.
  public var ring: TraceRing
  /// The index, not cut to the ring's size.
  public var index: RingIndex

  /// Names a slot.
  public init(vif: UInt16, queue: UInt16, ring: TraceRing, index: RingIndex) {
    self.vif = vif
    self.queue = queue
    self.ring = ring
    self.index = index
  }

  /// Whether an event shows the slot as it was requested.
  func isShown(by event: TraceEvent) -> Bool {
    guard case .slot(ring, index, _) = event.body else { return false }
    return event.vif == vif && event.queue == queue
  }
}

/// Events at a trace's beginning that nobody looked at.
public struct PassedEvents: Hashable, Sendable {
  /// Time of the first.
  public var first: MonotonicInstant
  /// How many of them are packets.
  public var packets: UInt64
}

/// Follows the events of a trace to a place in it.
///
/// Once an event is behind the place all are, whatever their times: their order is total.
public struct TracePointWatch: Sendable {
  private let point: TracePoint
  private var first: MonotonicInstant?
  private var packets: UInt64 = 0
  /// Whether the place is behind.
  public private(set) var isReached = false

  /// Begins at the trace's first event.
  public init(_ point: TracePoint) { self.point = point }

  /// Events at the trace's beginning are passed over, which all stand before the place.
  public mutating func pass(_ events: PassedEvents) {
    first = first ?? events.first
    packets = events.packets
  }

  /// Takes the next event; `number` is its place in the trace.
  ///
  /// - Returns: whether it stands behind the place.
  public mutating func reaches(_ event: TraceEvent, number: UInt64) -> Bool {
    guard !isReached else { return true }
    isReached = isBehind(event, number)
    if EventKind(of: event.body).isPacket { packets += 1 }
    return isReached
  }

  private mutating func isBehind(_ event: TraceEvent, _ number: UInt64) -> Bool {
    switch point {
    case .event(let place): return number >= place
    case .packet(let place): return packets >= place
    case .slot(let slot): return slot.isShown(by: event)
    case .time(let place):
      let start = first ?? event.time
      first = start
      return max(event.time, start).nanoseconds - start.nanoseconds >= place
    }
  }
}
