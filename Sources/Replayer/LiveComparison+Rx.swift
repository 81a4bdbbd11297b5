import Netfront
import Netif
import RingCases
import TraceFormat
import XenRing

/// What is compared of frames for the guest: that each comes, octet by octet, and what is answered.
extension LiveComparison {
  /// Sees that a frame has come as it was given.
  mutating func compare(_ given: GivenFrame, _ receipt: LiveReceipt) {
    keeping(receipt.turn(of: given, beside: nil)) {
      $0.judgeRest(given, LiveReceipt(), receipt)
      guard let seen = receipt.arrival else {
        return $0.note(.missing, given.number, given.event, nil)
      }
      guard receipt.isWhole else {
        return $0.note(seen.kind(beside: given), given.number, given.event, given.told(seen))
      }
      $0.countWhole(given)
      $0.judgeHash(given, seen)
    }
  }

  /// Compares what two live backends made of a frame.
  mutating func compare(_ given: GivenFrame, _ other: LiveReceipt, _ receipt: LiveReceipt) {
    keeping(receipt.turn(of: given, beside: other)) {
      $0.judgeRest(given, other, receipt)
      switch (other.arrival, receipt.arrival) {
      case (nil, nil): $0.ledger.countMatched()
      case (.some(let wanted), nil): $0.note(.missing, given.number, given.told(wanted), nil)
      case (nil, .some(let seen)): $0.note(.unexpected, given.number, nil, given.told(seen))
      case (.some(let wanted), .some(let seen)):
        guard wanted.digest == seen.digest else {
          return $0.note(
            seen.kind(beside: given), given.number, given.told(wanted), given.told(seen))
        }
        $0.countWhole(given)
        $0.judge(RxPacket(wanted, given.number), of: given, with: seen)
        if wanted.hash != nil, wanted.queue != seen.queue {
          $0.note(.differs, given.number, given.told(wanted), given.told(seen))
        }
      }
    }
  }

  /// Compares the answers to a frame that has come as it was given.
  mutating func compare(_ packet: RxPacket, of given: GivenFrame, with seen: LiveArrival) {
    let turn = DivergentTurn(
      recorded: packet.answers.map(\.event.event), replayed: seen.events(beside: packet))
    keeping(turn) { $0.judge(packet, of: given, with: seen) }
  }
}

extension LiveComparison {
  private func countWhole(_ given: GivenFrame) {
    ledger.countMatched()
    ledger.compared.octets += UInt64(given.record.length)
  }

  /// Compares whether the guest was cut off, and how often a frame came that was given once; counts what
  /// nobody gave.
  private func judgeRest(_ given: GivenFrame, _ other: LiveReceipt, _ receipt: LiveReceipt) {
    ledger.replayed += 1
    let repeats = (other.repeats(of: given), receipt.repeats(of: given))
    ledger.rest.foreign += UInt64(receipt.before.count - repeats.1)
    for _ in repeats.0..<max(repeats.0, repeats.1) {
      note(.unexpected, given.number, nil, given.event)
    }
    for _ in repeats.1..<max(repeats.0, repeats.1) {
      note(.missing, given.number, given.event, nil)
    }
    for beyond in other.claims { note(.missing, given.number, beyond, nil) }
    for beyond in receipt.claims { note(.unexpected, given.number, nil, beyond) }
    guard other.isCutOff != receipt.isCutOff else { return }
    let end = LiveOutcome.end
    if other.isCutOff {
      note(.missing, given.number, end, nil)
    } else {
      note(.unexpected, given.number, nil, end)
    }
  }

  /// A frame's hash is the trace's, and picks the queue.
  private func judgeHash(_ given: GivenFrame, _ seen: LiveArrival) {
    guard given.isHashJudged else { return }
    let hash = given.record.offload.hash
    guard hash != seen.hash || hash != nil && given.event.queue != seen.queue else { return }
    note(.differs, given.number, given.event, given.told(seen))
  }

  private func judge(_ packet: RxPacket, of given: GivenFrame, with arrival: LiveArrival) {
    let wanted = packet.answers.filter { given.isHashJudged || !$0.slot.isHash }
    let seen = arrival.slots.filter { given.isHashJudged || !$0.isHash }
    ledger.replayed += UInt64(seen.count)
    for (recorded, live) in zip(wanted, seen) {
      if recorded.slot == live {
        ledger.countMatched()
      } else {
        note(
          .differs, recorded.event.number, recorded.event.event, live.event(beside: recorded.event))
      }
    }
    for answer in wanted.dropFirst(seen.count) {
      note(.missing, answer.event.number, answer.event.event, nil)
    }
    let end = wanted.last?.event
    for slot in seen.dropFirst(wanted.count) {
      note(.unexpected, end?.number ?? given.number, nil, end.map { slot.event(beside: $0) })
    }
  }
}
