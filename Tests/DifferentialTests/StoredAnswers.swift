internal import Foundation
internal import RingCases
internal import SimulatedXen
internal import XenInterface

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

extension AnswerFile {
  /// What our netback answers to cases on the simulation.
  static func played(_ cases: some Sequence<TxCase>) throws -> AnswerFile {
    let machine = SimulatedMachine(seed: 1)
    let backend = SwiftCaseBackend(xen: machine.connect(.control), loop: machine.loop)
    let player = try CasePlayer(
      guest: machine.connect(DomainID(rawValue: 5)), toolstack: machine.connect(.control),
      loop: machine.loop, backend: backend, patience: .simulated)
    var file = AnswerFile()
    for asked in cases { file.add(asked.name, try player.play(asked)) }
    try player.finish()
    return file
  }
}
