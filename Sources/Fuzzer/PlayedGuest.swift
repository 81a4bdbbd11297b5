import Netif
import Oracle
import XenInterface
import XenRing

/// What a guest knows of one of its rings: what it wrote, and what it must find there.
struct PlayedGuest {
  let kind: ScenarioRing
  let ring: PlayedRing
  /// Words of an answer; what lies behind them in a slot stays the guest's.
  private let answerWords: Int
  private var start: UInt32 = 0
  /// Index of the next slot that it writes.
  private(set) var written: UInt32 = 0
  /// Index of the next answer.
  private(set) var answered: UInt32 = 0
  private var slots: ModelSlots
  /// Answers to come that others, a lap later, have overwritten.
  private var overwritten: UInt32 = 0

  init(_ kind: ScenarioRing, _ seam: ScenarioSeam) {
    self.kind = kind
    let (request, answer) =
      switch kind {
      case .tx: (TxRequest.wordCount, TxResponse.wordCount)
      case .rx: (RxRequest.wordCount, RxResponse.wordCount)
      case .control: (ControlRequest.wordCount, ControlResponse.wordCount)
      }
    answerWords = answer
    ring = PlayedRing(stride: request, answer: answer, seam.ring)
    slots = ModelSlots(ring.capacity)
  }

  /// Begins anew, with nothing written and indices that start there.
  mutating func restart(at start: UInt32) {
    ring.restart(at: start)
    (self.start, written, answered, overwritten) = (start, start, start, 0)
    slots.forget()
  }

  /// The number of the slot that is written next, for its id.
  var nextID: UInt16 { UInt16(truncatingIfNeeded: written &- start) }

  /// Writes the next slot; not where an answer is still to come.
  mutating func write(_ words: SlotWords) -> Bool {
    guard written &- answered < ring.capacity else { return false }
    ring.write(words, at: written)
    slots[written] = ring.slot(written)
    written &+= 1
    return true
  }

  /// Says that there are requests up to what was written, and `beyond` more.
  mutating func publish(beyond: UInt32) {
    ring[index: RingLayout.requestProducer] = written &+ beyond
  }

  /// Asks for an event when the answer lies so far ahead.
  mutating func listen(_ ahead: UInt32) {
    ring[index: RingLayout.responseEvent] = answered &+ ahead
  }

  /// Has a word of a slot read as this from the second time on.
  func flip(back: UInt8, word: UInt8, to value: UInt32) {
    ring.flip(written &- 1 &- UInt32(back), word: Int(word), to: value)
  }

  /// Checks that there are so many answers more, and whether the guest was told of them.
  mutating func check(_ count: Int, isTold: Bool) throws(ScenarioFinding) {
    overwritten = UInt32(max(0, count - Int(ring.capacity)))
    let (end, event) = (answered &+ UInt32(count), ring[index: RingLayout.responseEvent])
    let got = ring[index: RingLayout.responseProducer]
    guard got == end else {
      throw .answers(kind, wanted: end &- start, got: got &- start)
    }
    let wants = end &- event < end &- answered
    guard isTold == wants else { throw .notification(kind, wanted: wants) }
    if let place = ring.readTwice { throw .readTwice(kind, place: place) }
  }

  /// Checks the next answer, and that the rest of its slot is as the guest left it.
  ///
  /// - Parameter half: whether only the upper half of the first word was to be written.
  mutating func expect(_ words: SlotWords, half: Bool = false) throws(ScenarioFinding) {
    var wanted = slots[answered]
    for word in 0..<answerWords { wanted[word] = words[word] }
    if half { wanted[0] = words[0] & 0xffff_0000 | slots[answered][0] & 0xffff }
    defer {
      slots[answered] = wanted
      answered &+= 1
    }
    guard overwritten == 0 else { return overwritten -= 1 }
    let got = ring.slot(answered)
    for word in 0..<4 where got[word] != wanted[word] {
      let slot = answered &- start
      guard word < answerWords else { throw .touched(kind, slot: slot, word: UInt8(word)) }
      throw .answer(
        kind, slot: slot, word: UInt8(word), wanted: wanted[word], got: got[word])
    }
  }
}
