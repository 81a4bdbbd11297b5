import Netback
import Netif
import TraceFormat
import XenInterface
import XenRing

/// A ring of a vif.
struct RingLane: Hashable {
  var vif: UInt16
  var queue: UInt16
  var ring: TraceRing
}

/// Follows one ring through a trace, and finds where it stands still.
struct RingWatch {
  let lane: RingLane
  let sight: TraceSight
  private let limits: StallLimits
  var vif: VifConfiguration
  var state: RingState
  private var suspicions: [Suspicion] = []
  var backlog = RxBacklog()
  /// Nanoseconds for which credit may hold requests.
  var creditWindow: UInt64 = 0
  /// Whether the backend has sent an event since it published last: it may stand before the answers.
  private var isFrontendTold = false
  var answers = AnswerTrack()
  /// Frames whose answers were seen and are not published yet.
  var answeredFrames = 0

  init(_ lane: RingLane, of vif: VifConfiguration, sight: TraceSight, limits: StallLimits) {
    self.lane = lane
    self.vif = vif
    self.sight = sight
    self.limits = limits
    state = RingState(lane.ring)
  }

  /// Takes an event of the ring.
  mutating func take(_ event: TraceEvent, at place: TracePlace, _ found: inout [Stall]) {
    switch event.body {
    case .taken(let frame): queue(frame, event, at: place)
    case .dropped: backlog.refuse(at: place)
    case .rxResponse(_, let word0, let word1): return countFrames(word0, word1)
    case .responseProducer(_, let index): publish(index, at: place, event.time)
    case .pollEnd(_, let consumer, let producer, _):
      endPoll(consumer, producer, at: place, event.time)
    default: note(event.body, at: place)
    }
    state.waiting = backlog.waiting
    review(at: place, &found)
  }

  /// Goes on from what a snapshot says of the vif, the ring and, for a queue's, the queue.
  mutating func resume(
    as vif: VifConfiguration, _ indices: QueueSnapshot.Indices, of queue: QueueSnapshot?,
    at place: TracePlace, _ time: MonotonicInstant, _ found: inout [Stall]
  ) {
    self.vif = vif
    RingState.see(indices.requestConsumer, at: place, in: &state.taken)
    RingState.see(indices.responseProducer, at: place, in: &state.answered)
    RingState.see(indices.requestEvent, at: place, in: &state.requestEvent)
    RingState.see(indices.responseEvent, at: place, in: &state.responseEvent)
    see(published: indices.requestProducer, at: place)
    state.answeredAtEvent = indices.responseProducer
    state.isInPoll = false
    if let queue { resume(queue, at: place, time) }
    review(at: place, &found)
  }

  /// Ends what is under way.
  mutating func finish(at place: TracePlace, _ ending: Stall.Ending, _ found: inout [Stall]) {
    found += standing(at: place, ending)
    suspicions.removeAll()
  }

  /// What is under way and has lasted for long enough, as if it ended at a place.
  func standing(at place: TracePlace, _ ending: Stall.Ending) -> [Stall] {
    var found: [Stall] = []
    for suspicion in suspicions { close(suspicion, at: place, ending, &found) }
    return found
  }
}

// MARK: - What the events say

extension RingWatch {
  private mutating func note(_ body: TraceEvent.Body, at place: TracePlace) {
    switch body {
    case .requestProducer(_, let index): see(published: index, at: place)
    case .pollBegin:
      state.isInPoll = true
      forgetRequestEvent()
    case .eventIndex(_, .backend, let index):
      RingState.see(index, at: place, in: &state.requestEvent)
    case .eventIndex(_, .frontend, let index): see(responseEvent: index, at: place)
    case .notification(_, .frontend): state.backendTold = place
    case .notification(_, .backend):
      isFrontendTold = true
      state.owed = nil
    default: break
    }
  }

  /// A frontend that publishes is awake.
  private mutating func see(published index: RingIndex, at place: TracePlace) {
    if state.published?.index != index { state.owed = nil }
    RingState.see(index, at: place, in: &state.published)
    state.lookedAt = place
  }

  private mutating func see(responseEvent index: RingIndex, at place: TracePlace) {
    guard state.responseEvent?.index != index else { return }
    state.owed = nil
    state.answeredAtEvent = nil
    RingState.see(index, at: place, in: &state.responseEvent)
  }

  /// The backend sets its event index behind what it takes.
  private mutating func forgetRequestEvent() {
    if !sight.tellsRequestEvents(of: lane.ring) { state.requestEvent = nil }
  }

  private mutating func endPoll(
    _ consumer: RingIndex, _ producer: RingIndex, at place: TracePlace, _ time: MonotonicInstant
  ) {
    state.isInPoll = false
    RingState.see(consumer, at: place, in: &state.taken)
    RingState.see(producer, at: place, in: &state.answered)
    guard lane.ring == .rx else { return }
    state.lookedAt = place
    expireFrames(at: place, time)
  }

  private mutating func publish(
    _ index: RingIndex, at place: TracePlace, _ time: MonotonicInstant
  ) {
    if sight.followsAnswers { noteDebt(index, at: place) }
    RingState.see(index, at: place, in: &state.answered)
    isFrontendTold = false
    if state.answeredAtEvent == nil { state.answeredAtEvent = index }
    guard lane.ring == .rx else { return }
    RingState.see(index, at: place, in: &state.taken)
    forgetRequestEvent()
    backlog.handOver(answeredFrames, at: time)
    answeredFrames = 0
  }

  /// The event may stand on either side of the answers that it is for.
  private mutating func noteDebt(_ index: RingIndex, at place: TracePlace) {
    guard state.owed == nil, !isFrontendTold, let before = state.answered?.index,
      let event = state.responseEvent?.index,
      PeerNotification(movedFrom: before, to: index, event: event) == .required
    else { return }
    state.owed = .init(index: index, place: place)
  }
}

// MARK: - What they come to

extension RingWatch {
  private mutating func review(at place: TracePlace, _ found: inout [Stall]) {
    for suspect in Suspect.allCases {
      let key = state.key(of: suspect)
      if let position = suspicions.firstIndex(where: { $0.suspect == suspect }) {
        guard suspicions[position].key != key else {
          suspicions[position].state = state
          continue
        }
        close(suspicions.remove(at: position), at: place, .moved, &found)
      }
      guard let key else { continue }
      let begin = state.begin(of: suspect, at: place)
      suspicions.append(Suspicion(suspect: suspect, key: key, begin: begin, state: state))
    }
  }

  private func close(
    _ suspicion: Suspicion, at place: TracePlace, _ ending: Stall.Ending, _ found: inout [Stall]
  ) {
    let (suspect, state) = (suspicion.suspect, suspicion.state)
    var stall = Stall(
      cause: state.cause(suspect), domain: vif.domain, handle: vif.handle, queue: lane.queue,
      ring: lane.ring, begin: suspicion.begin, end: state.end(of: suspect, at: place),
      ending: ending, proofs: state.proofs(suspect), untold: state.untold(suspect))
    guard stall.nanoseconds >= limit(suspect) else { return }
    stall.takesCarrier =
      suspect == .starved && sight.notifies(vif.features)
      && stall.nanoseconds >= StallLimits.carrier
    found.append(stall)
  }

  private func limit(_ suspect: Suspect) -> UInt64 {
    switch suspect {
    case .untaken, .full:
      let (sum, overflow) = limits.ring.addingReportingOverflow(creditWindow)
      return overflow ? .max : sum
    case .owed, .unreachable: return limits.ring
    case .starved: return limits.frames
    }
  }
}
