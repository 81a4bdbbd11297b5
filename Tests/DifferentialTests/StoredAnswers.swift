internal import Foundation
internal import RingCases
import Testing

/// What both netbacks were asked, and what Linux's answered as it stands in the corpus: read once.
struct Stored<Asked: RingCase>: Sendable {
  let cases: [Asked]
  private let file: Result<AnswerFile<Asked>, any Error>

  fileprivate init(_ name: String) {
    cases = Asked.stored
    file = Result {
      let root = URL(filePath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()
      let path = root.appending(path: "Corpus/kernel-answers/\(name)")
      return try AnswerFile(text: String(contentsOf: path, encoding: .utf8))
    }
  }

  /// - Throws: what the file could not be read for.
  func answers() throws -> AnswerFile<Asked> { try file.get() }

  /// Shows each answer to these cases. A name that is no case's is a failure, and so is none.
  func forEachAnswer(to names: [String], _ body: (String, Asked.Answer) -> Void) throws {
    let stored = try answers()
    #expect(!names.isEmpty)
    for name in names {
      let answers = stored.answers(to: name)
      #expect(!answers.isEmpty, "\(name) is no case")
      for answer in answers { body(name, answer) }
    }
  }
}

/// The three sets.
enum StoredAnswers {
  static let tx = Stored<TxCase>("tx.txt")
  static let rx = Stored<RxCase>("rx.txt")
  static let control = Stored<ControlCase>("control.txt")
}
