import Netback
import Oracle
import XenRing

/// Keeps the frames that come, and lets each go at once.
final class PlayedFrames: FrameSink {
  /// The octets of all frames, one behind the other.
  private(set) var octets: [UInt8] = []
  /// Octets of each.
  private(set) var lengths: [Int] = []
  private var gathered: [UInt8] = []
  /// Called with the head of each frame.
  var release: (RingIndex) -> Void = { _ in }

  func deliver(_ batch: FrameBatch, queue: UInt16) {
    for place in batch.frames.indices {
      let frame = batch.frames[place]
      batch.withOctets(of: frame, gatheredIn: &gathered) {
        octets.append(octets: $0)
        lengths.append($0.byteCount)
      }
      release(frame.head)
    }
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
  }
}
