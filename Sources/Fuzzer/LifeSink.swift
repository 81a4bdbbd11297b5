import Netback
import XenRing

/// Takes the frames of a life's guest, and holds those that say so.
final class LifeSink: FrameSink {
  /// A frame that is held; the array that it stands in cannot hold one by itself.
  private final class Holder {
    let frame: HeldFrame
    init(_ frame: consuming HeldFrame) { self.frame = frame }
  }

  private var holders: [Holder] = []
  /// Called with the head of a frame that is not held, and its queue.
  var release: (RingIndex, UInt16) -> Void = { _, _ in }
  /// What came since it was asked; `nil` for what no guest has sent.
  private var came: [LifePacket?] = []
  private var gathered: [UInt8] = []

  /// Whether to hold what says so; from rings as an honest guest makes them.
  var holds = false

  func deliver(_ batch: FrameBatch, queue: UInt16) {
    for place in batch.frames.indices {
      let frame = batch.frames[place]
      let packet = batch.gather(frame, in: &gathered) ? LifePacket(octets: gathered) : nil
      came.append(packet)
      if holds, packet?.kind == .held, let held = batch.keep(frame) {
        holders.append(Holder(held))
      } else {
        release(frame.head, queue)
      }
    }
  }

  /// What came since it was asked.
  func take() -> [LifePacket?] {
    defer { forget() }
    return came
  }

  /// Forgets what came.
  func forget() { came.removeAll(keepingCapacity: true) }

  /// Lets all frames go.
  func releaseHeld() { holders.removeAll() }
}
