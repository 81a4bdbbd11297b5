import Netif
import XenRing

/// The octets of a poll's frames, one after the other. It grows to what the largest poll brought: a
/// page per slot of the ring at most.
struct FrameBuffer: Sendable {
  private(set) var octets: [UInt8] = []

  /// Makes room for `count` octets.
  mutating func reserve(_ count: Int) {
    guard count > octets.count else { return }
    let size = max(count, 2 * octets.count)
    octets.append(contentsOf: repeatElement(0, count: size - octets.count))
  }

  /// Runs `body` over all octets.
  mutating func withOctets(_ body: (inout MutableRawSpan) -> Void) {
    var storage = octets.mutableSpan
    var bytes = storage.octets
    body(&bytes)
  }
}

extension FrameBuffer {
  /// Looks for the transport checksum that a guest left blank. A frame whose headers cannot be read
  /// that far is dropped, though its slots are answered as taken.
  ///
  /// - Precondition: the frame lies in the buffer.
  /// - Parameter recalculate: also put the pseudo header's sum in place (a GSO frame that forgot to
  ///   say that its checksum is blank).
  /// - Returns: whether the headers could be read; if not, the frame is to be dropped.
  mutating func setUpChecksum(start: Int, length: Int, recalculate: Bool) -> Bool {
    guard let place = checksumPlace(start..<(start + length)) else { return false }
    if recalculate {
      let checksum = start + place.start + place.offset
      octets[checksum] = UInt8(truncatingIfNeeded: place.blank >> 8)
      octets[checksum + 1] = UInt8(truncatingIfNeeded: place.blank)
    }
    return true
  }
  private func checksumPlace(_ frame: Range<Int>) -> ChecksumPlace? {
    ChecksumPlace(octets.span.octets.extracting(frame))
  }
}
