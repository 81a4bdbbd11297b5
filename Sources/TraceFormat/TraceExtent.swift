public import XenInterface

/// How far a trace goes: what its places are counted to, and from.
public struct TraceExtent: Hashable, Sendable {
  /// Events, gaps among them.
  public private(set) var events: UInt64 = 0
  /// Frames delivered, taken and dropped.
  public private(set) var packets: UInt64 = 0
  /// Time of the first event.
  public private(set) var begin = MonotonicInstant(nanoseconds: 0)
  /// Time of the last event.
  public private(set) var end = MonotonicInstant(nanoseconds: 0)

  /// Of a trace without events.
  public init() {}

  /// From the first to the last of a trace's blocks.
  init(from first: BlockHead, to last: BlockHead) {
    events = last.firstEvent &+ UInt64(last.events)
    packets = last.firstPacket &+ UInt64(last.packets)
    begin = MonotonicInstant(nanoseconds: first.firstTime)
    end = MonotonicInstant(nanoseconds: last.lastTime)
  }

  /// Nanoseconds from the first event to the last; 0 where that has an earlier time.
  public var nanoseconds: UInt64 { end.nanoseconds - min(begin.nanoseconds, end.nanoseconds) }

  /// Counts a further event.
  public mutating func count(_ event: TraceEvent) {
    if events == 0 { begin = event.time }
    end = event.time
    events += 1
    if EventKind(of: event.body).isPacket { packets += 1 }
  }
}
