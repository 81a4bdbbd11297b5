import Netback
import Oracle
import XenRing

/// Keeps the octets of the frames that come, and lets each go: at once, or when it is asked for.
final class PlayedFrames: FrameSink {
  /// The octets of all frames, one behind the other.
  private(set) var octets: [UInt8] = []
  /// Octets of each.
  private(set) var lengths: [Int] = []
  private var gathered: [UInt8] = []
  private let holds: Bool
  /// Heads of the frames that are to be let go.
  private var held: [RingIndex] = []
  /// Called with the head of each frame.
  var release: (RingIndex) -> Void = { _ in }

  /// - Parameter holds: whether frames wait to be let go; one whose octets cannot be had never does.
  init(holds: Bool) { self.holds = holds }

  func deliver(_ batch: FrameBatch, queue: UInt16) {
    for place in batch.frames.indices {
      let frame = batch.frames[place]
      let octets: Void? = batch.withOctets(of: frame, gatheredIn: &gathered) { keep($0) }
      if holds, octets != nil { held.append(frame.head) } else { release(frame.head) }
    }
  }

  private func keep(_ frame: RawSpan) {
    octets.append(octets: frame)
    lengths.append(frame.byteCount)
  }

  /// Takes the heads of the frames that are held, the last one first.
  func takeHeld() -> [RingIndex] {
    guard !held.isEmpty else { return [] }
    defer { held.removeAll(keepingCapacity: true) }
    return held.reversed()
  }

  /// The first frame that is not as it ought to be, by its place.
  func firstDifference(from frames: ModelFrames) -> Int? {
    let held = octets
    var start = 0
    for (place, length) in lengths.enumerated() {
      guard place < frames.count else { return place }
      let piece = held.span.octets.extracting(start..<start + length)
      guard frames[place].octets.holdsSame(as: piece) else { return place }
      start += length
    }
    return lengths.count == frames.count ? nil : lengths.count
  }

  func forget() {
    octets.removeAll(keepingCapacity: true)
    lengths.removeAll(keepingCapacity: true)
    held.removeAll(keepingCapacity: true)
  }
}
