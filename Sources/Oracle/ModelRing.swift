import Netif
import XenRing

/// The TX ring as a guest and a backend leave it: no memory, no barriers, only what stands where.
struct ModelRing {
  /// Slots of a TX ring.
  static let slots: UInt32 = 256

  private var words = ModelSlots(slots)
  /// What the guest says (`req_prod`).
  private(set) var requested: UInt32
  /// The next request to look at (`req_cons`).
  private(set) var consumed: UInt32
  /// The next slot to answer (`rsp_prod`).
  private var answered: UInt32
  /// Where the guest writes next.
  private var written: UInt32

  init(start: UInt32) {
    (requested, consumed, answered, written) = (start, start, start, start)
  }

  /// Begins anew, with nothing written.
  mutating func restart(at start: UInt32) {
    words.forget()
    (requested, consumed, answered, written) = (start, start, start, start)
  }

  /// Writes the next slot.
  mutating func write(_ slot: SlotWords) {
    words[written] = slot
    written &+= 1
  }

  /// Says that there are slots up to what was written, and so many more.
  mutating func publish(beyond: UInt32) { requested = written &+ beyond }

  /// Requests that are claimed.
  var claimed: UInt32 { requested &- consumed }
  /// Requests that may be looked at: as many as are claimed, but none whose slot still waits for an answer.
  var available: Int { Int(min(claimed, Self.slots &- (consumed &- answered))) }

  /// The slot so many behind the next one.
  func slot(_ distance: Int) -> SlotWords {
    words[consumed &+ UInt32(distance)]
  }

  /// Goes past some slots.
  mutating func pass(_ count: Int) { consumed &+= UInt32(count) }

  /// Answers a request and the extra infos behind it. An answer lies over the first word of a slot; one that
  /// says nothing leaves the lower half as it is.
  mutating func answer(_ answer: ModelAnswer) {
    let status = UInt32(UInt16(bitPattern: answer.status.rawValue)) << 16
    put(UInt32(answer.id) | status)
    for _ in 0..<answer.nulls {
      put(words[answered][0] & 0xffff | 1 << 16)
    }
  }

  private mutating func put(_ word: UInt32) {
    words[answered][0] = word
    answered &+= 1
  }
}
