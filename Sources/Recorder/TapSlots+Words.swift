import KernelTap
import TraceFormat
import XenRing

extension TapSlots {
  /// The slots from the one at `next` on, by their place; none when it is not among them.
  func places(from next: RingIndex) -> Range<Int> {
    let seen = next.distance(from: first)
    return Int(min(seen, UInt32(count)))..<count
  }

  /// The words of a slot; those that it does not have are 0.
  func words(at place: Int) -> TraceEvent.Words {
    let at = place * wordsPerSlot
    return TraceEvent.Words(
      words[at], words[at + 1], wordsPerSlot > 2 ? words[at + 2] : 0,
      wordsPerSlot > 3 ? words[at + 3] : 0)
  }
}
