internal import ArgumentParser
internal import TraceFormat

/// A place in a trace as people name it: counted from its first event, or with a minus before it
/// from its last (`-100`, `-1s`).
enum CountedPoint: ExpressibleByArgument {
  case fromBegin(EventPoint)
  case fromEnd(EventPoint)

  init?(argument: String) {
    let isFromEnd = argument.hasPrefix("-")
    guard let point = EventPoint(argument: String(argument.dropFirst(isFromEnd ? 1 : 0))) else {
      return nil
    }
    self = isFromEnd ? .fromEnd(point) : .fromBegin(point)
  }

  /// Whether one must know how far a trace goes.
  var isFromEnd: Bool { if case .fromEnd = self { true } else { false } }

  /// The place in a trace that goes so far; its beginning where it is not as long.
  func point(in extent: TraceExtent) -> EventPoint {
    switch self {
    case .fromBegin(let point): point
    case .fromEnd(.number(let count)): .number(extent.events - min(count, extent.events))
    case .fromEnd(.time(let nanoseconds)):
      .time(nanoseconds: extent.nanoseconds - min(nanoseconds, extent.nanoseconds))
    }
  }
}

/// Where an event stands in its trace.
struct EventPlace {
  /// How many stand before it.
  var number: UInt64
  /// How long after the first one it came.
  var nanoseconds: UInt64
}

/// Events from one place in a trace to another.
struct EventRange {
  /// The first that belongs to it; nil for the trace's first.
  let from: EventPoint?
  private let to: EventPoint?
  /// Whether its first event came.
  private(set) var isBegun = false

  /// Begins with `from`, and ends before `to`.
  init(from: EventPoint?, to: EventPoint?) {
    self.from = from
    self.to = to
  }

  /// Whether it ends before the event at this place.
  func isOver(at place: EventPlace) -> Bool { to.map { !$0.isAfter(place) } ?? false }

  /// Whether it has begun with the event at this place or one before it; times need not rise.
  mutating func hasBegun(at place: EventPlace) -> Bool {
    isBegun = isBegun || from?.isAfter(place) != true
    return isBegun
  }
}

extension EventPoint {
  fileprivate func isAfter(_ place: EventPlace) -> Bool {
    isAfter(number: place.number, nanoseconds: place.nanoseconds)
  }
}
