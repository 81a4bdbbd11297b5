import Netfront
import Netif
import RingCases
import TraceFormat
import XenRing

/// A frame that live backends were given for the guest.
struct GivenFrame {
  /// The trace's event of it.
  let event: TraceEvent
  let number: UInt64
  let record: TraceEvent.FrameRecord
  /// The octets that were given.
  let digest: FrameDigest
  /// The frame that was given before it.
  let previous: FrameDigest?
  /// Whether its hash, and the queue that the hash picks, are to be compared.
  let isHashJudged: Bool

  /// An arrival as an event: another frame, or an answer that no guest takes.
  func told(_ arrival: LiveArrival) -> TraceEvent {
    guard let frame = arrival.frame else {
      return (arrival.slots.first?.event(at: RingIndex(rawValue: 0), id: 0).event) ?? event
    }
    let length = UInt32(clamping: frame.octets.count)
    var told = event
    told.queue = arrival.queue
    told.body = .taken(.init(length: length, captured: 0, offload: frame.offload))
    return told
  }
}

extension LiveReceipt {
  /// How often a frame came that was given once.
  func repeats(of given: GivenFrame) -> Int {
    before.filter { $0.digest == given.digest || $0.digest != nil && $0.digest == given.previous }
      .count
  }

  /// That more is answered than a ring holds.
  var claims: [TraceEvent] {
    beyond.map { [LiveEvent(.responseProducer(ring: .rx, index: $0)).event] } ?? []
  }

  /// What is shown of a frame that differs.
  func turn(of given: GivenFrame, beside other: LiveReceipt?) -> DivergentTurn {
    DivergentTurn(
      recorded: other.map { $0.told(given) } ?? [given.event], replayed: told(given))
  }

  private func told(_ given: GivenFrame) -> [TraceEvent] {
    (arrival.map { [given.told($0)] } ?? []) + claims + (isCutOff ? [LiveOutcome.end] : [])
  }
}

extension LiveArrival {
  /// The hash that came with it.
  var hash: FlowHash? { frame?.offload.hash }

  /// What is wrong with it, where a frame was given that it is not.
  func kind(beside given: GivenFrame) -> Divergence.Kind {
    frame?.octets.count == Int(given.record.length) ? .content : .differs
  }

  /// Its answers in the places of recorded ones.
  func events(beside packet: RxPacket) -> [TraceEvent] {
    slots.enumerated().compactMap { place, slot in
      guard let last = packet.answers.indices.last else { return nil }
      return slot.event(beside: packet.answers[min(place, last)].event)
    }
  }
}

extension RxPacket {
  /// What a live backend answered.
  init(_ arrival: LiveArrival, _ number: UInt64) {
    answers = arrival.slots.enumerated().map { place, slot in
      let event = slot.event(at: RingIndex(rawValue: UInt32(place)), id: 0)
      return Answer(slot: slot, event: LiveEvent(event: event.event, number: number))
    }
  }
}

extension RxAnswerSlot {
  /// The answer in the place of a recorded one, with its id.
  func event(beside recorded: LiveEvent) -> TraceEvent {
    guard case .rxResponse(let index, let word0, _) = recorded.event.body else {
      return event(at: RingIndex(rawValue: 0), id: 0).event
    }
    var told = event(at: index, id: UInt16(truncatingIfNeeded: word0)).event
    told.vif = recorded.event.vif
    told.queue = recorded.event.queue
    return told
  }
}
