import Netback
import XenRing

/// Counts frames, and sums the first eight octets of each of their pieces, as the reference's sink does.
final class SummingSink: FrameSink {
  private(set) var frames: UInt64 = 0
  private(set) var sum: UInt64 = 0

  func forget() { (frames, sum) = (0, 0) }

  func deliver(_ batch: FrameBatch, queue: UInt16) {
    var sum: UInt64 = 0
    for place in batch.frames.indices {
      let frame = batch.frames[place]
      sum &+= batch.linear(frame).firstOctets
      let fragments = batch.fragments(frame)
      for piece in fragments.indices { sum &+= fragments[piece].firstOctets }
    }
    self.sum &+= sum
    frames += UInt64(batch.frames.count)
  }
}

extension RawSpan {
  /// The first eight octets as a number.
  fileprivate var firstOctets: UInt64 {
    // SAFETY: every bit pattern is a number, and the span checks the bounds.
    unsafe unsafeLoadUnaligned(fromByteOffset: 0, as: UInt64.self)
  }
}

extension FrameFragment {
  fileprivate var firstOctets: UInt64 {
    var octets: [8 of UInt8] = .init(repeating: 0)
    var span = octets.mutableSpan
    var target = span.octets
    _ = copyOctets(into: &target)
    return target.bytes.firstOctets
  }
}
