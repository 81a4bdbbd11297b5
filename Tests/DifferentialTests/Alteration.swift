import RingCases
import Testing

/// A way to alter answers that a comparison must tell.
struct Alteration<Answer: RingAnswer>: Sendable, CustomTestStringConvertible {
  let name: String
  private let change: @Sendable (inout Answer) -> Void

  /// - Parameter change: leaves an answer as it is that has nothing of the kind.
  init(_ name: String, _ change: @escaping @Sendable (inout Answer) -> Void) {
    self.name = name
    self.change = change
  }

  var testDescription: String { name }
}

extension Alteration where Answer.Asked: RingCase, Answer.Asked.Answer == Answer {
  /// Alters each stored answer and expects that the comparison tells it from the stored one.
  func expectTold(in set: Stored<Answer.Asked>) throws {
    let stored = try set.answers()
    var told = 0
    for asked in set.cases {
      let answers = stored.answers(to: asked.name)
      guard let answer = answers.first else { continue }
      var altered = answer
      change(&altered)
      guard altered != answer else { continue }
      let missed = answers.contains { $0.differences(from: altered, in: asked).isEmpty }
      #expect(!missed, "\(asked.name): \(name)")
      told += 1
    }
    #expect(told >= 5, "\(name) was tried \(told) times")
  }
}
