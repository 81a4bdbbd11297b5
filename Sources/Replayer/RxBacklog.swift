import TraceFormat
import XenInterface

/// Frames that wait for the guest, the oldest first, as a trace says that they came and went.
struct RxBacklog {
  /// Frames that are followed one by one; of more only the first are. A queue of half a megaoctet holds
  /// fewer, but for frames that no network carries.
  static let most = 1 << 16

  private struct Frame {
    var place: TracePlace
    var expires: MonotonicInstant
    var needed: ClosedRange<UInt32>
  }

  private var frames: [Frame] = []
  private var first = 0
  /// What decides.
  private(set) var waiting = RingState.Waiting()

  /// Appends a frame that waits for `patience` nanoseconds at most.
  mutating func append(
    needing requests: ClosedRange<UInt32>, at place: TracePlace, _ time: MonotonicInstant,
    patience: UInt64
  ) {
    guard frames.count - first < Self.most else { return }
    frames.append(
      Frame(place: place, expires: time.advanced(by: patience), needed: requests))
    waiting.overAt = MonotonicInstant(nanoseconds: place.elapsed).advanced(by: patience).nanoseconds
    settle()
  }

  /// Notes a frame that was refused. It counts while others wait.
  mutating func refuse(at place: TracePlace) {
    guard waiting.since != nil else { return }
    waiting.refused &+= 1
    waiting.firstRefusal = waiting.firstRefusal ?? place
  }

  /// Forgets what has waited too long.
  mutating func expire(at place: TracePlace, _ time: MonotonicInstant) {
    let gone = expired(by: time)
    guard gone > 0 else { return }
    first += gone
    waiting.expired &+= UInt32(clamping: gone)
    waiting.lastExpiry = place
    settle()
  }

  /// Forgets the next `count` frames, which were handed over. What had waited too long before that was
  /// dropped, unless there are no others that they can be.
  mutating func handOver(_ count: Int, at time: MonotonicInstant) {
    guard count > 0 else { return }
    first += min(expired(by: time) + count, frames.count - first)
    let overAt = waiting.overAt
    waiting = RingState.Waiting()
    waiting.overAt = overAt
    settle()
  }

  /// Forgets all.
  mutating func removeAll() { self = RxBacklog() }

  private func expired(by time: MonotonicInstant) -> Int {
    frames[first...].prefix { $0.expires <= time }.count
  }

  private mutating func settle() {
    if first > 1024, first > frames.count / 2 {
      frames.removeFirst(first)
      first = 0
    }
    waiting.count = UInt32(frames.count - first)
    guard first < frames.count else { return }
    waiting.needed = frames[first].needed.lowerBound
    waiting.neededAtMost = frames[first].needed.upperBound
    waiting.since = waiting.since ?? frames[first].place
  }
}
