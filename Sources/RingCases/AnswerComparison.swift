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
  /// A page of the guest's changed that no answer covers.
  case touchedPages
  /// Answers, or their order, where all are made in turn.
  case answers

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
    case .touchedPages: "one of them wrote into a page that it did not answer"
    case .answers: "answers differ"
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
