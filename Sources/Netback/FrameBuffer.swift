import Netif
import XenRing

/// The octets of a poll's frames, one after the other. It grows to what the largest poll brought: a
/// page per slot of the ring at most.
struct FrameBuffer: Sendable {
  private(set) var octets: [UInt8] = []
  /// Octets appended behind those that the poll has copied.
  private var appended = 0

  /// Makes room for `count` octets.
  mutating func reserve(_ count: Int) {
    guard count > octets.count else { return }
    let size = max(count, 2 * octets.count)
    octets.append(contentsOf: repeatElement(0, count: size - octets.count))
  }

  /// Puts octets behind the first `count` and what was appended before.
  ///
  /// - Returns: where they are.
  mutating func append(_ added: RawSpan, behind count: Int) -> Int {
    let start = count + appended
    reserve(start + added.byteCount)
    withOctets { $0.setOctets(added, at: start) }
    appended += added.byteCount
    return start
  }

  /// The poll is over.
  mutating func forgetAppended() { appended = 0 }

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
  /// - Precondition: the frame's first octets lie in the buffer; only they are looked at.
  /// - Parameter recalculate: also put the pseudo header's sum in place (a GSO frame that forgot to
  ///   say that its checksum is blank).
  /// - Returns: whether the headers could be read; if not, the frame is to be dropped.
  mutating func setUpChecksum(of frame: TxFrame, recalculate: Bool) -> Bool {
    guard let place = checksumPlace(frame) else { return false }
    if recalculate {
      let checksum = frame.linear.lowerBound + place.start + place.offset
      octets[checksum] = UInt8(truncatingIfNeeded: place.blank >> 8)
      octets[checksum + 1] = UInt8(truncatingIfNeeded: place.blank)
    }
    return true
  }

  private func checksumPlace(_ frame: TxFrame) -> ChecksumPlace? {
    ChecksumPlace(octets.span.octets.extracting(frame.linear), of: Int(frame.length))
  }
}
