/// Why two answers to a case differ.
public enum AnswerDifference: Hashable, Sendable, CustomStringConvertible {
  /// One of them, or both, did not answer the case.
  case missing
  /// One vif was disabled, the other not.
  case disabled
  /// Answers made during the poll: refused, empty and copied slots.
  case polled
  /// Answers made when a frame was released: mapped slots.
  case released
  /// One backend answered a mapped slot before its packet was dealt with.
  case releasedEarly
  /// Frames, their contents or their order.
  case frames
  /// One backend wrote where no answer belongs.
  case touchedRequests
  /// How many answers stood in the ring at a pause.
  case timing

  /// What differs.
  public var description: String {
    switch self {
    case .missing: "not answered"
    case .disabled: "one vif was disabled, the other was not"
    case .polled: "answers that a poll makes differ"
    case .released: "answers that a release makes differ"
    case .releasedEarly: "a release was answered ahead of its packet"
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
  /// covers untouched; as many answers at each pause; and the same order, in the sense of
  /// `AnswerParts`: what polls answer is compared in ring order, what releases answer is compared
  /// in ring order, and only where the second stand among the first is left out, as far as Linux
  /// itself leaves it to chance.
  public func differences(from other: CaseAnswer, in asked: TxCase) -> [AnswerDifference] {
    let (one, two) = (AnswerParts(self, to: asked), AnswerParts(other, to: asked))
    let checks: [(AnswerDifference, Bool)] = [
      (.disabled, isDisabled == other.isDisabled),
      (.polled, one.polled == two.polled),
      (.released, one.released == two.released),
      (.releasedEarly, one.isReleasedEarly == two.isReleasedEarly),
      (.frames, frames == other.frames),
      (.touchedRequests, touchesRequests == other.touchesRequests),
      (.timing, answeredAtPauses == other.answeredAtPauses),
    ]
    return checks.filter { !$0.1 }.map(\.0)
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
  /// Cases that match.
  public var matched: Int { cases - differing.count }

  /// Compares two files of answers to `cases`. Where a file has several answers to a case, one that
  /// matches is enough.
  public init(_ one: AnswerFile, _ other: AnswerFile, on cases: [TxCase]) {
    self.cases = cases.count
    for asked in cases {
      let (first, second) = (one.answers(to: asked.name), other.answers(to: asked.name))
      if first.contains(where: second.contains) { identical += 1 }
      let what = first.flatMap { first in
        second.map { first.differences(from: $0, in: asked) }
      }
      let least = what.min { $0.count < $1.count } ?? [.missing]
      if !least.isEmpty { differing.append((asked.name, least)) }
    }
  }

  /// The sum of it, in a line.
  public var description: String {
    "\(matched) of \(cases) cases agree, \(identical) of them to the last slot"
  }
}
