import Netif
import TraceFormat
import XenRing

/// Requests of a ring that are published and not answered, as far as a trace tells.
struct OutstandingRequests {
  private let capacity: UInt32
  private var published: RingIndex?
  private var answered: RingIndex?
  private var told: UInt32?

  init(_ ring: TraceRing) {
    capacity = ring == .control ? NetifLimits.controlRingSize : NetifLimits.ringSize
  }

  /// Goes on from what a snapshot says.
  mutating func resume(_ indices: QueueSnapshot.Indices) {
    published = indices.requestProducer
    answered = indices.responseProducer
  }

  /// The frontend has published requests up to `index`.
  mutating func publish(_ index: RingIndex) { published = index }

  /// A request was taken: it was published.
  mutating func take(_ index: RingIndex) {
    let end = index.advanced(by: 1)
    if published?.isBehind(end) != false { published = end }
  }

  /// The answer at `index` was written.
  mutating func answer(_ index: RingIndex) { answered = index.advanced(by: 1) }

  /// How many there are, when that is known and not said yet.
  mutating func news() -> UInt32? {
    guard let published, let answered else { return nil }
    let count = published.distance(from: answered)
    guard count <= capacity, count != told else { return nil }
    told = count
    return count
  }
}
