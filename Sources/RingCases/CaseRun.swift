import Netif
import XenInterface
import XenRing

/// One case while it is played: what was written, and what was answered so far.
final class CaseRun {
  let asked: TxCase
  var answer = CaseAnswer()
  /// Index of the case's first slot in the ring.
  var start = RingIndex(rawValue: 0)
  /// The reference of a page that was taken back.
  var revoked: GrantReference?
  /// Slots written since the case began.
  private var written: [SlotWords]
  /// How many of them were written to rings before this one.
  private var before = 0
  /// Answered slots taken from this ring.
  private(set) var collected: UInt32 = 0

  init(_ asked: TxCase, written: [SlotWords] = []) {
    self.asked = asked
    self.written = written
  }

  /// Slots written to this ring.
  var onRing: UInt32 { UInt32(written.count - before) }
  /// Answers and NULLs of the whole case.
  var answeredSlots: Int { answer.slots.reduce(0) { $0 + 1 + Int($1.nulls) } }
  /// Whether the case may not go on in the ring of the one before.
  var wantsFreshRing: Bool { asked.start != nil || asked.hidesFeatures }
  /// Whether the next case may not go on in this one's ring.
  var spoilsRing: Bool {
    answer.isDisabled || asked.hasMulticast || asked.claimsTooMuch || asked.hidesFeatures
  }
  /// Whether a slot names a page that was taken back.
  var needsRevoked: Bool {
    asked.publishes.contains { $0.contains { $0.grant == .revoked } }
  }

  /// A fresh ring takes the place of this one.
  func startsAnew() {
    before = written.count
    collected = 0
  }

  /// The words of the next slot.
  func write(_ slot: CaseSlot, pages: [GrantReference]) -> SlotWords {
    let words = slot.resolved(id: UInt16(truncatingIfNeeded: written.count)) { grant in
      grant.reference(among: pages, revoked: revoked).rawValue
    }
    written.append(words)
    return words
  }

  /// Takes the next slot of the ring, answered.
  func take(_ words: SlotWords) {
    let place = before + Int(collected)
    let request = place < written.count ? written[place] : [0, 0, 0, 0]
    let response = TxResponse(words: words)
    collected += 1
    if words[1] != request[1] || words[2] != request[2] { answer.touchesRequests = true }
    guard response.status == .null, let last = answer.slots.indices.last else {
      answer.slots.append(AnsweredSlot(id: response.id, status: response.status))
      return
    }
    answer.slots[last].nulls += 1
    if words[0] & 0xffff != request[0] & 0xffff { answer.touchesRequests = true }
  }
}
