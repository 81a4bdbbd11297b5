import Netif
import TraceFormat
import XenInterface
import XenRing

/// An answer on RX, without what hangs on the guest that got it: the id, and what its network knew of a
/// checksum.
struct RxAnswerSlot: Hashable {
  /// Whether it is an extra info.
  let isExtra: Bool
  private let info: ExtraInfo?
  private let low: UInt32
  private let high: UInt32

  /// Takes an answer's words.
  init(_ word0: UInt32, _ word1: UInt32, isExtra: Bool) {
    self.isExtra = isExtra
    if isExtra {
      info = try? ExtraInfoSlot(words: [word0, word1, 0, 0]).info
      let words = info.map { ExtraInfoSlot($0, hasMore: false).words } ?? [word0, word1, 0, 0]
      (low, high) = (words[0], words[1])
    } else {
      info = nil
      var response = RxResponse(words: [word0, word1, 0, 0])
      response.id = 0
      response.flags.formIntersection([.checksumBlank, .moreData])
      let words = response.words
      (low, high) = (words[0], words[1])
    }
  }

  /// Whether it tells a hash.
  var isHash: Bool { if case .hash = info { true } else { false } }
  /// Octets in the page, or an error; nil for an extra info.
  var status: NetifStatus? { isExtra ? nil : RxResponse(words: [low, high, 0, 0]).status }

  /// Octets that stay free in each page, where it tells that; else none.
  var headroom: Int { if case .xdp(let octets) = info { Int(octets) } else { 0 } }

  /// The answer as an event in the place of a recorded one.
  func event(at index: RingIndex, id: UInt16) -> LiveEvent {
    let word0 = isExtra ? low : low | UInt32(id)
    return LiveEvent(.rxResponse(index: index, word0: word0, word1: high))
  }
}

/// A frame that a trace's backend handed to its guest: what it answered.
struct RxPacket {
  /// An answer, with the event that tells it.
  struct Answer {
    var slot: RxAnswerSlot
    var event: LiveEvent
  }

  var answers: [Answer] = []
  /// Whether a copy of it failed.
  var hasFailed = false

  /// Octets of the frame; nil where they were not all delivered.
  var length: Int? {
    let headroom = answers.reduce(0) { $0 + $1.slot.headroom }
    var sum = 0
    for case let status? in answers.map(\.slot.status) {
      guard status.rawValue >= 0 else { return nil }
      sum += Int(status.rawValue) - headroom
    }
    return sum
  }
}

/// The packets that a trace's backend hands to its guest in a queue.
struct RxPackets {
  /// By the places of their slots: what the guest has offered.
  private var grants = [GrantReference?](repeating: nil, count: GuestSlots.count)
  /// Pages that a copy failed for which is not answered yet.
  private var failed: Set<GrantReference> = []
  private var track = AnswerTrack()
  private var packet = RxPacket()

  /// Goes on from what a snapshot says.
  init(from snapshot: QueueSnapshot) {
    for slot in snapshot.rxSlots { offer(slot.index, slot.words) }
  }

  /// Answers of a packet that is not whole yet.
  var answersUnderWay: UInt64 { UInt64(packet.answers.count) }

  /// Takes an event of the RX ring.
  ///
  /// - Returns: the packet that it makes whole.
  mutating func take(_ event: TraceEvent, number: UInt64) -> RxPacket? {
    switch event.body {
    case .slot(.rx, let index, let words): offer(index, words)
    case .grantCopy(let operand, .toGuest, let status):
      if status != .okay { failed.insert(operand.grant) }
    case .rxResponse(let index, let word0, let word1):
      let slot = RxAnswerSlot(word0, word1, isExtra: track.isExtraNext)
      packet.answers.append(.init(slot: slot, event: LiveEvent(event: event, number: number)))
      if !slot.isExtra, hasFailed(index) { packet.hasFailed = true }
      track.take(word0, word1)
      return track.endPacket == true ? finish() : nil
    default: break
    }
    return nil
  }

  private mutating func offer(_ index: RingIndex, _ words: TraceEvent.Words) {
    grants[GuestSlots.place(of: index)] = GrantReference(rawValue: words.w1)
  }

  private mutating func hasFailed(_ index: RingIndex) -> Bool {
    guard let grant = grants[GuestSlots.place(of: index)] else { return false }
    return failed.remove(grant) != nil
  }

  private mutating func finish() -> RxPacket {
    defer { packet = RxPacket() }
    return packet
  }
}
