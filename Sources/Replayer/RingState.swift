import TraceFormat
import XenRing

/// What a trace has said of a ring so far: plain data, so that a copy costs no more than its octets.
struct RingState {
  /// An index, and the first event that had it.
  struct Sighting {
    var index: RingIndex
    var place: TracePlace
  }

  /// Frames that wait for the guest, as far as they decide.
  struct Waiting {
    /// How many.
    var count: UInt32 = 0
    /// Requests that the first one needs at least and at most, where its length is not known; when all
    /// have expired, that the last one needed.
    var needed: UInt32 = 0
    var neededAtMost: UInt32 = 0
    /// When the first one came that was not handed over; `nil` when there is none.
    var since: TracePlace?
    /// How many have waited too long, where that was seen last, and when the last one had.
    var expired: UInt32 = 0
    var lastExpiry: TracePlace?
    var overAt: UInt64 = 0
    /// How many were refused, and the first of them.
    var refused: UInt32 = 0
    var firstRefusal: TracePlace?
  }

  let ring: TraceRing
  /// `req_prod`.
  var published: Sighting?
  /// `req_cons`.
  var taken: Sighting?
  /// `rsp_prod`.
  var answered: Sighting?
  /// `req_event`; `nil` when it may have changed since it was seen.
  var requestEvent: Sighting?
  /// `rsp_event`.
  var responseEvent: Sighting?
  var isInPoll = false
  /// The last event that the frontend sent.
  var backendTold: TracePlace?
  /// The first answers since that crossed the frontend's event index without an event.
  var owed: Sighting?
  /// `rsp_prod` when the frontend's event index was seen.
  var answeredAtEvent: RingIndex?
  /// When the published requests were looked at last.
  var lookedAt: TracePlace?
  var waiting = Waiting()

  init(_ ring: TraceRing) { self.ring = ring }

  /// Requests that are published and not taken; `nil` when that is not known, or more than can be.
  var untaken: UInt32? { distance(published, from: taken) }

  /// Requests that are published and not answered.
  var unanswered: UInt32? { distance(published, from: answered) }

  private func distance(_ index: Sighting?, from earlier: Sighting?) -> UInt32? {
    guard let index, let earlier else { return nil }
    let distance = index.index.distance(from: earlier.index)
    return distance <= ring.capacity ? distance : nil
  }

  /// Notes an index; one that is known keeps its place.
  static func see(_ index: RingIndex, at place: TracePlace, in sighting: inout Sighting?) {
    if sighting?.index != index { sighting = Sighting(index: index, place: place) }
  }
}
