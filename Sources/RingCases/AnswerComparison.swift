import Netif

/// Why two answers to a case differ.
public enum AnswerDifference: Hashable, Sendable, CustomStringConvertible {
  /// One vif was disabled, the other not.
  case disabled
  /// Answers made during the poll: refused, empty and copied slots.
  case polled
  /// Answers made when a frame was released: mapped slots.
  case released
  /// Frames, their contents or their order.
  case frames
  /// One backend wrote where no answer belongs.
  case touchedRequests
  /// How many answers stood in the ring at a pause.
  case timing

  /// What differs.
  public var description: String {
    switch self {
    case .disabled: "one vif was disabled, the other was not"
    case .polled: "answers that a poll makes differ"
    case .released: "answers that a release makes differ"
    case .frames: "frames differ"
    case .touchedRequests: "one of them wrote outside its answers"
    case .timing: "answers came at other times"
    }
  }
}

extension CaseAnswer {
  /// Compares with another backend's answer to the same case.
  ///
  /// Equal means: the same vif state; the same frames in length, contents and order; the same
  /// answers, NULLs beside their first slot, each status on the same slot; octets that no answer
  /// covers untouched; and the same order, in this sense. Linux answers refused, empty and copied
  /// slots while it polls, in an order that its code fixes: these are compared in ring order. It
  /// answers mapped slots from another thread, after their frame was released: these are compared
  /// among themselves, in ring order, which is the order of the releases. Where an answer of the
  /// second kind stands among those of the first is chance, in Linux too, and is not compared.
  /// Nothing else is left out.
  public func differences(from other: CaseAnswer, in asked: TxCase) -> [AnswerDifference] {
    var differences: [AnswerDifference] = []
    if isDisabled != other.isDisabled { differences.append(.disabled) }
    let (ours, theirs) = (split(asked), other.split(asked))
    if ours.polled != theirs.polled { differences.append(.polled) }
    if ours.released != theirs.released { differences.append(.released) }
    if frames != other.frames { differences.append(.frames) }
    if touchesRequests != other.touchesRequests { differences.append(.touchedRequests) }
    if answeredAtPauses != other.answeredAtPauses { differences.append(.timing) }
    return differences
  }

  /// The answers by what made them. A packet with an error in it was answered by the poll alone.
  private func split(_ asked: TxCase) -> (polled: [AnsweredSlot], released: [AnsweredSlot]) {
    let failed = Set(slots.lazy.filter { $0.status != .okay }.map(\.id))
    var mapped: Set<UInt16> = []
    var base = 0
    for slots in asked.publishes {
      for packet in PacketShape.packets(in: slots) {
        let ids = packet.data.map { UInt16(truncatingIfNeeded: base + $0) }
        guard failed.isDisjoint(with: ids) else { continue }
        mapped.formUnion(packet.mapped.map { UInt16(truncatingIfNeeded: base + $0) })
      }
      base += slots.count
    }
    return (slots.filter { !mapped.contains($0.id) }, slots.filter { mapped.contains($0.id) })
  }
}

/// How two backends, or two runs of one, agree on cases.
public struct AnswerAgreement: Sendable, CustomStringConvertible {
  /// Cases that one of them or both answered otherwise, or not at all.
  public private(set) var differing: [(name: String, what: [AnswerDifference])] = []
  /// Cases compared.
  public let cases: Int
  /// Cases whose answers are the same to the last slot, the chance in their order included.
  public private(set) var identical = 0

  /// Compares two files of answers to `cases`.
  public init(_ one: AnswerFile, _ other: AnswerFile, on cases: [TxCase]) {
    self.cases = cases.count
    for asked in cases {
      guard let first = one.answers[asked.name], let second = other.answers[asked.name] else {
        differing.append((asked.name, []))
        continue
      }
      if first == second { identical += 1 }
      let what = first.differences(from: second, in: asked)
      if !what.isEmpty { differing.append((asked.name, what)) }
    }
  }

  /// The sum of it, in a line.
  public var description: String {
    "\(cases) cases, \(cases - differing.count) matched (\(identical) of them to the last slot), "
      + "\(differing.count) differing"
  }
}
