import XenRing

/// Frames that wait for the guest, first in first out, in one buffer.
struct FrameQueue {
  private var octets: [UInt8] = []
  private var ends: [Int] = []
  private var first = 0

  /// Octets of the frame that comes next.
  var next: Range<Int>? {
    guard first < ends.count else { return nil }
    return (first == 0 ? 0 : ends[first - 1])..<ends[first]
  }

  /// Appends octets to the frame that is being put in.
  mutating func append(_ source: RawSpan) { octets.append(octets: source) }

  /// Octets of the frame that is being put in.
  var open: Range<Int> { (ends.last ?? 0)..<octets.count }

  /// Puts the frame in.
  mutating func close() { ends.append(octets.count) }

  /// Drops the frame that is being put in.
  mutating func drop() { octets.removeSubrange(open) }

  /// Takes the next frame out, if there is one; its octets stay until `tidy`.
  mutating func removeFirst() { first = min(first + 1, ends.count) }

  /// Takes frames out, the first ones, until no more than `count` are left.
  mutating func removeFirst(leaving count: Int) {
    first = max(first, ends.count - count)
    tidy()
  }

  /// Gives the room of frames taken out back, when there are none left or many.
  mutating func tidy() {
    guard first == ends.count || octets.count > 1 << 20 && first > 0 else { return }
    let gone = first == 0 ? 0 : ends[first - 1]
    octets.removeSubrange(..<gone)
    ends.removeSubrange(..<first)
    for place in ends.indices { ends[place] -= gone }
    first = 0
  }

  /// A frame's octets, or a part of them.
  @_lifetime(borrow self)
  func octets(_ range: Range<Int>) -> RawSpan { octets.span.octets.extracting(range) }
}
