internal import Foundation

/// The program ringside-fuzz, and how it is started.
struct FuzzEngine {
  private let path: String
  private let options: [String]

  /// Finds it: where it was said, or beside this program.
  init(path: String?, options: [String]) throws(CommandFailure) {
    let beside = ThisProgram.file.deletingLastPathComponent()
    self.path = path ?? beside.appendingPathComponent("ringside-fuzz").path
    self.options = options
    guard FileManager.default.isExecutableFile(atPath: self.path) else {
      throw CommandFailure(
        .missing,
        "\(self.path): no fuzz engine there; make fuzzer builds one, --engine says where it is")
    }
  }

  /// Starts so many engines, each with a seed and a folder of its own for what it finds.
  func start(jobs: Int, seed: UInt32) throws(CommandFailure) -> [FuzzJob] {
    var started: [FuzzJob] = []
    for number in 0..<jobs {
      do throws(CommandFailure) {
        started.append(try start(["-seed=\(seed &+ UInt32(number))"]))
      } catch {
        started.forEach { $0.end() }
        throw error
      }
    }
    return started
  }

  /// Starts one engine with these words before its options.
  func start(_ words: [String]) throws(CommandFailure) -> FuzzJob {
    try FuzzJob(path, words + options)
  }

  /// The same engine with other options.
  func with(_ options: [String]) -> FuzzEngine { FuzzEngine(path, options) }

  private init(_ path: String, _ options: [String]) { (self.path, self.options) = (path, options) }
}
