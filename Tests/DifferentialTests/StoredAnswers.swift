internal import Foundation
internal import RingCases

/// What both netbacks were asked, and what Linux's answered as it stands in the corpus: read once.
enum Stored {
  static let cases = CaseGenerator.stored
  private static let file = Result { try read() }

  /// - Throws: what the file could not be read for.
  static func answers() throws -> AnswerFile { try file.get() }

  private static func read() throws -> AnswerFile {
    let root = URL(filePath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
    let path = root.appending(path: "Corpus/kernel-answers/tx.txt")
    return try AnswerFile(text: String(contentsOf: path, encoding: .utf8))
  }
}
