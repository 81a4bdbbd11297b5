internal import Foundation

/// The command that judges one of a row.
struct BisectedCommand {
  /// What stands for that one in its words.
  static let place = "{}"
  private static let skips: Int32 = 125
  private let words: [String]

  init(_ words: [String]) { self.words = words }

  /// What it says of one, and its code.
  typealias Judgement = (verdict: Bisection.Verdict, code: Int32)

  /// Runs it to its end; what it prints goes to standard error.
  ///
  /// - Returns: `nil` where somebody asked for an end meanwhile.
  /// - Throws: where its end says nothing: it could not be run, or was killed.
  func judge(_ candidate: String) throws(CommandFailure) -> Judgement? {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = words.map { $0.replacing(Self.place, with: candidate) }
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = FileHandle.standardError
    do { try process.run() } catch {
      throw CommandFailure(.refused, "/usr/bin/env: \(error.localizedDescription)")
    }
    while process.isRunning {
      if Interruption.isRequested { process.interrupt() }
      Pause.milliseconds(10)
    }
    guard !Interruption.isRequested else { return nil }
    let code = process.terminationStatus
    guard process.terminationReason == .exit, code <= Self.skips else {
      let how = process.terminationReason == .exit ? "ended with code" : "was killed by signal"
      throw CommandFailure(
        .refused, "\(candidate): \(words[0]) \(how) \(code), which judges nothing")
    }
    return (code == 0 ? .good : code == Self.skips ? .skipped : .bad, code)
  }
}
