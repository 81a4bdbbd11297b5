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

  /// Compares two files of answers to `cases`, but for those where ours is stricter. Where a file has several answers to a case, one that
  /// matches is enough.
  public init<Case: RingCase>(
    _ one: AnswerFile<Case>, _ other: AnswerFile<Case>, on cases: [Case]
  ) {
    let compared = cases.filter { !$0.isStricterHere }
    self.cases = compared.count
    for asked in compared {
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
