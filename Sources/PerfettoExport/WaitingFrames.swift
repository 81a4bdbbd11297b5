import Netback
import XenInterface

/// Frames that wait for the guest, the oldest first.
struct WaitingFrames {
  /// Frames that are followed; of more only the first are. A queue of half a megaoctet holds no more.
  private static let most = 1 << 13

  /// A frame that waits.
  struct Frame {
    var flow: UInt64
    /// Where its slice is; `nil` when it has none.
    var lane: UInt16?
    fileprivate var arrival: MonotonicInstant
  }

  private var frames: [Frame] = []
  private var first = 0
  private var lanes = LaneSet()

  /// How many there are.
  var count: UInt32 { UInt32(frames.count - first) }

  /// The flow of the frame that is handed over next.
  var nextFlow: UInt64? { first < frames.count ? frames[first].flow : nil }

  /// Appends a frame; `nil` when there are too many.
  mutating func append(_ flow: UInt64, at arrival: MonotonicInstant) -> Frame? {
    guard frames.count - first < Self.most else { return nil }
    let frame = Frame(flow: flow, lane: lanes.take(), arrival: arrival)
    frames.append(frame)
    return frame
  }

  /// Takes the frame that was handed over.
  mutating func removeFirst() -> Frame? {
    guard first < frames.count else { return nil }
    let frame = frames[first]
    first += 1
    if let lane = frame.lane { lanes.giveBack(lane) }
    if first > 1024, first > frames.count / 2 {
      frames.removeFirst(first)
      first = 0
    }
    return frame
  }

  /// Takes the next frame if it has waited too long.
  mutating func removeExpired(by now: MonotonicInstant, notifies: Bool) -> Frame? {
    let patience = notifies ? RxLiveness.drainTimeout : RxLiveness.quickDrainTimeout
    guard first < frames.count, frames[first].arrival.advanced(by: patience) <= now else {
      return nil
    }
    return removeFirst()
  }
}
