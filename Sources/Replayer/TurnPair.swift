import Netif
import TraceFormat
import XenInterface
import XenRing

/// A recorded turn beside what the replay made of it.
struct TurnPair: ~Escapable {
  let recorded: TurnView
  let seen: TurnView
  let mode: JudgeMode
  /// Whether it says nothing how much is there of a packet.
  let cutsUnevenly: Bool
  let queue: UInt16

  private static var unknownRule: UInt8 { 255 }

  @_lifetime(copy recorded, copy seen)
  init(
    recorded: TurnView, seen: TurnView, mode: JudgeMode, cutsUnevenly: Bool, queue: UInt16
  ) {
    self.recorded = recorded
    self.seen = seen
    self.mode = mode
    self.cutsUnevenly = cutsUnevenly
    self.queue = queue
  }

  /// Number of the recorded turn's last event.
  var end: UInt64 {
    let entries = recorded.entries
    return entries.isEmpty ? 0 : entries[entries.count - 1].number
  }

  /// Whether two events say the same, as far as the mode lets it be judged.
  func agree(_ recorded: TraceEvent.Body, _ replayed: TraceEvent.Body) -> Bool {
    switch (recorded, replayed) {
    case (
      .txResponse(let index, let request, let id, let status),
      .txResponse(let index2, let request2, let id2, let status2)
    ):
      // What stands beside a NULL is whatever the slot held.
      if status == .null { return index == index2 && status2 == .null }
      return index == index2 && request == request2 && id == id2 && status == status2
    case (.disabled(let rule), .disabled(let rule2)):
      return rule == rule2 || rule == Self.unknownRule
    case (.pollEnd(_, let consumer, _, _), .pollEnd(_, let consumer2, _, _))
    where mode == .observed:
      return consumer == consumer2
    case (.delivered(let frame, _), .delivered(let frame2, _)) where mode == .observed:
      return frame.length == frame2.length
        && frame.offload.checksum == frame2.offload.checksum
        && frame.offload.segmentation == frame2.offload.segmentation
    default:
      return recorded == replayed || cutsUnevenly && recorded.isSameButForCut(as: replayed)
    }
  }

  /// The first octet, among the first `limit`, in which two entries differ.
  func firstDifference(_ ours: Turn.Entry, _ theirs: Turn.Entry, limit: Int) -> Int? {
    let count = min(limit, ours.payload.count, theirs.payload.count)
    return recorded.octets(of: ours).extracting(first: count).firstDifference(
      from: seen.octets(of: theirs).extracting(first: count))
  }
}

extension TraceEvent.Body {
  /// Whether both are frames that differ at most in how much is there of them.
  fileprivate func isSameButForCut(as other: TraceEvent.Body) -> Bool {
    switch (self, other) {
    case (.delivered(let frame, let request), .delivered(let frame2, let request2)):
      request == request2 && frame.isSameButForCut(as: frame2)
    case (.taken(let frame), .taken(let frame2)), (.dropped(let frame), .dropped(let frame2)):
      frame.isSameButForCut(as: frame2)
    default: false
    }
  }
}

extension TraceEvent.FrameRecord {
  fileprivate func isSameButForCut(as other: TraceEvent.FrameRecord) -> Bool {
    length == other.length && offload == other.offload
  }
}
