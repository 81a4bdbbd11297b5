import Netback
import Netif
import TraceFormat
import XenInterface
import XenRing

/// Whether frames for a guest that has set up hashing went to the queue that their hash picks, with
/// that hash beside them.
///
/// Who looks on from outside sees a frame when it is handed over, and a control message when the
/// backend's call ends. So a frame may have met a state that was in force before, or one that the
/// next poll of the control ring brings.
struct QueueChoices {
  /// States of the hash that were in force, at most; with more of them nothing is judged.
  private static let limit = 256
  /// Nanoseconds that a frame waits at most (Linux: `rx_drain_timeout_msecs`).
  private static let longestWait: UInt64 = 10_000_000_000
  /// Octets that hold the headers of a plain packet.
  private static let headers = 128

  private let isObserved: Bool
  /// Whether frames have the addresses by which their queue was chosen.
  private let hasAddresses: Bool
  private let queues: Int
  /// Frames that wait since before the trace, by queue: which state they met is not known.
  private var fromBefore: [UInt32]
  private var past: [(state: HashState, until: MonotonicInstant)] = []
  /// What no state so far explains.
  private var doubtful: [FrameChoice] = []

  init(_ snapshot: VifSnapshot, isObserved: Bool, hasAddresses: Bool) {
    self.isObserved = isObserved
    self.hasAddresses = hasAddresses
    queues = snapshot.queues.count
    fromBefore = snapshot.queues.map(\.queuedFrames)
  }

  /// Notes the states that a poll of the control ring found and made, the last of them to stay.
  ///
  /// - Returns: the choices before it that none of them explains.
  mutating func take(_ states: [HashState], at time: MonotonicInstant) -> [FrameChoice] {
    guard isObserved, let now = states.last, states.contains(where: { $0 != now }) else {
      return []
    }
    past.removeAll { !Self.mayMeet($0.until, time) }
    past += states.dropLast().map { ($0, time) }
    let wrong = doubtful.filter { choice in
      !states.contains { isRight(choice.made, choice.octets.span.octets, $0) }
    }
    doubtful.removeAll()
    return wrong
  }

  /// Whether a frame that is handed over at `time` may have come before `end`: none waits for longer.
  private static func mayMeet(_ end: MonotonicInstant, _ time: MonotonicInstant) -> Bool {
    end.advanced(by: longestWait) >= time
  }

  /// Takes a frame that was handed over.
  ///
  /// - Returns: its choice when that is known to be wrong by now.
  mutating func take(
    _ event: TraceEvent, _ frame: TraceEvent.FrameRecord, _ octets: RawSpan, number: UInt64,
    now state: HashState
  ) -> FrameChoice? {
    guard !isFromBefore(Int(event.queue)), isJudged(frame, octets) else { return nil }
    let made = (frame.offload.hash, Int(event.queue))
    let earlier = past.lazy.filter { Self.mayMeet($0.until, event.time) }.map(\.state)
    if isRight(made, octets, state) || earlier.contains(where: { isRight(made, octets, $0) }) {
      return nil
    }
    let choice = FrameChoice(
      number: number, event: event, frame: frame, octets: octets.array, due: state, of: queues)
    guard isObserved, doubtful.count < Self.limit else { return choice }
    doubtful.append(choice)
    return nil
  }

  /// Gives out the choices that nothing can explain any more.
  mutating func takeDoubtful() -> [FrameChoice] {
    defer { doubtful.removeAll() }
    return doubtful
  }

  private mutating func isFromBefore(_ queue: Int) -> Bool {
    guard fromBefore.indices.contains(queue), fromBefore[queue] > 0 else { return false }
    fromBefore[queue] -= 1
    return true
  }

  private func isRight(
    _ made: (hash: FlowHash?, queue: Int), _ octets: RawSpan, _ state: HashState
  ) -> Bool {
    // Whoever sends chooses the queue, and the Swift netback also leaves him the hash.
    guard state.algorithm != .none else { return !isObserved || made.hash == nil }
    let hash = state.hash(of: octets)
    guard made.hash == hash else { return false }
    return !hasAddresses || made.queue == state.queue(for: hash, of: queues)
  }

  private func isJudged(_ frame: TraceEvent.FrameRecord, _ octets: RawSpan) -> Bool {
    // Linux asks for no queue where there is one only, and computes no hash then.
    guard !isObserved || queues > 1, past.count < Self.limit else { return false }
    let isWhole = octets.byteCount == Int(frame.length)
    if isWhole, !isObserved { return true }
    return (isWhole || octets.byteCount >= Self.headers) && octets.isPlainPacket
  }
}

/// A frame for the guest, with what was chosen for it and what should have been.
struct FrameChoice {
  /// Number of its event in the trace.
  let number: UInt64
  /// What was recorded.
  let event: TraceEvent
  let octets: [UInt8]
  let made: (hash: FlowHash?, queue: Int)
  /// What should have been recorded by the state in force.
  let right: TraceEvent

  init(
    number: UInt64, event: TraceEvent, frame: TraceEvent.FrameRecord, octets: [UInt8],
    due state: HashState, of queues: Int
  ) {
    self.number = number
    self.event = event
    self.octets = octets
    made = (frame.offload.hash, Int(event.queue))
    var (right, record) = (event, frame)
    let hash = state.hash(of: octets.span.octets)
    record.offload.hash = hash
    if state.algorithm != .none {
      right.queue = UInt16(clamping: state.queue(for: hash, of: queues))
    }
    right.body = .taken(record)
    self.right = right
  }
}

extension RawSpan {
  /// Whether it is a frame in which every backend finds the same addresses and ports: no tunnel, no
  /// tag, no header between.
  fileprivate var isPlainPacket: Bool {
    guard byteCount > 23 else { return false }
    switch (octet(at: 12), octet(at: 13)) {
    case (0x08, 0x00): return [1, 6, 17].contains(octet(at: 23))
    case (0x86, 0xdd): return [6, 17, 58].contains(octet(at: 20))
    default: return false
    }
  }
}
