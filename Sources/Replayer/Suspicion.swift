import TraceFormat
import XenRing

/// A way in which a ring can stand still.
enum Suspect: Int, CaseIterable {
  /// There is work for the backend, which is not at it.
  case untaken
  /// No slot is free.
  case full
  /// Answers crossed the frontend's event index, and it was not told.
  case owed
  /// No answer that may still come can cross the frontend's event index.
  case unreachable
  /// Frames wait for requests.
  case starved
}

/// A ring that may be about to stand still, as it was seen last.
struct Suspicion {
  let suspect: Suspect
  /// What changes when the ring moves.
  let key: UInt64
  let begin: TracePlace
  var state: RingState
}

extension RingState {
  /// What would have changed if the ring had moved; `nil` when nothing speaks for a stall.
  func key(of suspect: Suspect) -> UInt64? {
    switch suspect {
    case .untaken: hasWork ? taken?.index.key : nil
    case .full: ring != .rx && unanswered == ring.capacity ? answered?.index.key : nil
    case .owed: owed?.index.key
    case .unreachable: unreachableKey
    case .starved:
      waiting.since != nil && untaken.map { $0 < waiting.needed } == true
        ? taken?.index.key : nil
    }
  }

  /// On RX requests are not work, they are what work takes.
  private var hasWork: Bool {
    guard !isInPoll, let untaken else { return false }
    return ring == .rx ? waiting.count > 0 && untaken >= waiting.neededAtMost : untaken > 0
  }

  /// An idle frontend that has taken all answers asks for the one behind the last request; further
  /// ahead is none that a published request can get.
  private var unreachableKey: UInt64? {
    guard let event = responseEvent?.index, let published = published?.index,
      let before = answeredAtEvent, let answered = answered?.index, before.isBehind(answered),
      published.advanced(by: 1).isBehind(event)
    else { return nil }
    return event.key << 32 | published.key
  }

  /// When what speaks for a stall began, as it is seen at `place`.
  func begin(of suspect: Suspect, at place: TracePlace) -> TracePlace {
    switch suspect {
    case .owed: owed?.place ?? place
    case .starved: waiting.since ?? place
    case .untaken, .full, .unreachable: place
    }
  }

  /// When a stall that is seen to be over at `place` ended. Frames that were dropped waited no longer.
  func end(of suspect: Suspect, at place: TracePlace) -> TracePlace {
    guard suspect == .starved, waiting.count == 0, let last = waiting.lastExpiry else {
      return place
    }
    return TracePlace(number: last.number, elapsed: min(last.elapsed, waiting.overAt))
  }
}

extension RingIndex {
  fileprivate var key: UInt64 { UInt64(rawValue) }
}
