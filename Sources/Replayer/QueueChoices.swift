import Netback
import Netif
import TraceFormat
import XenInterface
import XenRing

/// Whether frames for a guest that has set up hashing went to the queue that their hash picks, with
/// that hash beside them.
struct QueueChoices {
  /// States of the hash that were in force, at most; with more of them nothing is judged.
  private static let limit = 256
  /// Nanoseconds that a frame waits at most (Linux: `rx_drain_timeout_msecs`).
  private static let longestWait: UInt64 = 10_000_000_000
  /// Octets that hold the headers of a plain packet.
  private static let headers = 128

  private let isObserved: Bool
  /// Frames that wait since before the trace, by queue: which state they met is not known.
  private var fromBefore: [UInt32]
  private var past: [(state: HashState, until: MonotonicInstant)] = []

  init(_ snapshot: VifSnapshot, isObserved: Bool) {
    self.isObserved = isObserved
    fromBefore = snapshot.queues.map(\.queuedFrames)
  }

  /// Notes what control messages have changed.
  mutating func note(
    _ before: HashState, changedTo after: HashState, at time: MonotonicInstant
  ) {
    // What looks on from outside sees a frame when it is handed over; until then it has waited.
    guard isObserved, before != after else { return }
    past.removeAll { !Self.mayMeet($0.until, time) }
    past.append((before, time))
  }

  /// Whether a frame that is handed over at `time` may have come before `end`: none waits for longer.
  private static func mayMeet(_ end: MonotonicInstant, _ time: MonotonicInstant) -> Bool {
    end.advanced(by: longestWait) >= time
  }

  /// What should have been recorded of a frame that was taken; `nil` when that was, or nobody can
  /// say.
  mutating func rightChoice(
    for frame: TraceEvent.FrameRecord, _ event: TraceEvent, _ octets: RawSpan, now state: HashState,
    queues: Int
  ) -> TraceEvent? {
    let queue = Int(event.queue)
    if fromBefore.indices.contains(queue), fromBefore[queue] > 0 {
      fromBefore[queue] -= 1
      return nil
    }
    guard isJudged(frame, octets, queues: queues) else { return nil }
    let chosen = (frame.offload.hash, queue)
    let earlier = past.lazy.filter { Self.mayMeet($0.until, event.time) }.map(\.state)
    if earlier.contains(where: { isRight(chosen, octets, $0, queues) }) { return nil }
    guard !isRight(chosen, octets, state, queues) else { return nil }
    var right = event
    var record = frame
    record.offload.hash = state.hash(of: octets)
    if state.algorithm != .none {
      right.queue = UInt16(clamping: state.queue(for: record.offload.hash, of: queues))
    }
    right.body = .taken(record)
    return right
  }

  private func isRight(
    _ chosen: (hash: FlowHash?, queue: Int), _ octets: RawSpan, _ state: HashState, _ queues: Int
  ) -> Bool {
    // Whoever sends chooses the queue, and the Swift netback also leaves him the hash.
    guard state.algorithm != .none else { return !isObserved || chosen.hash == nil }
    let hash = state.hash(of: octets)
    return chosen.hash == hash && chosen.queue == state.queue(for: hash, of: queues)
  }

  private func isJudged(
    _ frame: TraceEvent.FrameRecord, _ octets: RawSpan, queues: Int
  ) -> Bool {
    // Linux asks for no queue where there is one only, and computes no hash then.
    guard !isObserved || queues > 1, past.count < Self.limit else { return false }
    let isWhole = octets.byteCount == Int(frame.length)
    if isWhole, !isObserved { return true }
    return (isWhole || octets.byteCount >= Self.headers) && octets.isPlainPacket
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
