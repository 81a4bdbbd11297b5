internal import ArgumentParser
internal import TraceFormat

/// A place in a trace as people name it: counted from its first event, or with a minus before it
/// from its last (`-100`, `-1s`, `-packet:10`).
enum CountedPoint: ExpressibleByArgument {
  case fromBegin(TracePoint)
  case fromEnd(TracePoint)

  /// What it can be, for a help text.
  static let words = EventPoint.words + "; with a minus before it from the end (-1s)"

  init?(argument: String) {
    let isFromEnd = argument.hasPrefix("-")
    guard let point = EventPoint(argument: String(argument.dropFirst(isFromEnd ? 1 : 0)))?.point
    else { return nil }
    if case .slot = point, isFromEnd { return nil }
    self = isFromEnd ? .fromEnd(point) : .fromBegin(point)
  }

  /// Whether one must know how far a trace goes.
  var isFromEnd: Bool { if case .fromEnd = self { true } else { false } }

  /// The place in a trace that goes so far; its beginning where it is not as long.
  func point(in extent: TraceExtent) -> TracePoint {
    switch self {
    case .fromBegin(let point): point
    case .fromEnd(.event(let count)): .event(extent.events - min(count, extent.events))
    case .fromEnd(.packet(let count)): .packet(extent.packets - min(count, extent.packets))
    case .fromEnd(.time(let nanoseconds)):
      .time(nanoseconds: extent.nanoseconds - min(nanoseconds, extent.nanoseconds))
    case .fromEnd(.slot(let slot)): .slot(slot)
    }
  }
}

/// Events from one place in a trace to another.
struct EventRange {
  /// Where it begins; nil for the trace's first event.
  let from: TracePoint?
  /// Where it ends; nil for the trace's end.
  let to: TracePoint?
  /// Whether its first event came.
  private(set) var isBegun = false
  private var begin: TracePointWatch?
  private var end: TracePointWatch?

  /// Begins at `from`, and ends at `to`, in a trace that goes so far.
  init(from: CountedPoint?, to: CountedPoint?, in extent: TraceExtent) {
    self.from = from?.point(in: extent)
    self.to = to?.point(in: extent)
    begin = self.from.map(TracePointWatch.init)
    end = self.to.map(TracePointWatch.init)
  }

  /// Events before it were passed over.
  mutating func pass(_ events: PassedEvents) {
    begin?.pass(events)
    end?.pass(events)
  }

  /// Whether it ends before the next event.
  mutating func isOver(at event: TraceEvent, number: UInt64) -> Bool {
    end?.reaches(event, number: number) ?? false
  }

  /// Whether it has begun with the next event or one before it.
  mutating func hasBegun(at event: TraceEvent, number: UInt64) -> Bool {
    isBegun = begin?.reaches(event, number: number) ?? true
    return isBegun
  }
}
