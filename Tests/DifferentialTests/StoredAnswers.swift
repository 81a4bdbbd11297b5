internal import Foundation
internal import RingCases

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
}

/// The three sets.
enum StoredAnswers {
  static let tx = Stored<TxCase>("tx.txt")
  static let rx = Stored<RxCase>("rx.txt")
  static let control = Stored<ControlCase>("control.txt")
}
