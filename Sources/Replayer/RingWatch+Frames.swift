import Netback
import Netif
import TraceFormat
import XenInterface

// Frames that wait for the guest, and what they need.

extension RingWatch {
  /// Takes over the frames that wait, and the guest's credit.
  mutating func resume(
    _ queue: QueueSnapshot, at place: TracePlace, _ time: MonotonicInstant
  ) {
    if queue.creditBytes != .max { creditWindow = Self.nanoseconds(queue.creditMicroseconds) }
    backlog.removeAll()
    if lane.ring == .rx, sight.countsWaitingFrames {
      for _ in 0..<min(Int(queue.queuedFrames), RxBacklog.most) {
        backlog.append(needing: 1...mostNeeded, at: place, time, patience: patience)
      }
    }
    state.waiting = backlog.waiting
  }

  private static func nanoseconds(_ microseconds: UInt64) -> UInt64 {
    let (product, overflow) = microseconds.multipliedReportingOverflow(by: 1000)
    return overflow ? .max : product
  }

  /// A frame has come for the guest.
  mutating func queue(
    _ frame: TraceEvent.FrameRecord, _ event: TraceEvent, at place: TracePlace
  ) {
    guard sight.seesWaitingFrames else { return }
    expireFrames(at: place, event.time)
    let length = Int(min(frame.length, UInt32(UInt16.max)))
    let needed = vif.neededSlots(frame.offload, length: length)
    backlog.append(needing: needed...needed, at: place, event.time, patience: patience)
  }

  /// Requests that a frame of which nothing is known may need.
  private var mostNeeded: UInt32 {
    let all = FrameOffload(
      segmentation: Segmentation(size: 1, type: Segmentation.tcpv4),
      hash: FlowHash(value: 0, type: 0))
    return vif.neededSlots(all, length: Int(UInt16.max))
  }

  /// Nanoseconds that a frame waits at most.
  private var patience: UInt64 {
    RxLiveness.longestWait(notifies: sight.notifies(vif.features))
  }

  /// What there is room for is handed over, however long it has waited.
  mutating func expireFrames(at place: TracePlace, _ time: MonotonicInstant) {
    if state.key(of: .starved) != nil { backlog.expire(at: place, time) }
  }

  /// Counts the frames that answers end.
  mutating func countFrames(_ word0: UInt32, _ word1: UInt32) {
    answers.take(word0, word1)
    if answers.endPacket == true { answeredFrames += 1 }
  }
}
