import Foundation

/// How much memory programs have at their peak.
struct PeakMemory {
  private let folder: BenchFolder
  private var launcher: String { folder.path("peak") }

  /// Builds what runs them.
  init(in folder: BenchFolder) throws {
    self.folder = folder
    try CProgram.build(["peak.c"], to: launcher, options: [], needs: "a C library")
  }

  /// MiB at the peak of a program that runs to its end.
  func mebibytes(_ arguments: [String]) throws -> Double {
    let run = try ProgramRun([launcher] + arguments, output: folder.url.appending(path: "peaked"))
    guard let kib = Double(run.output.trimmingCharacters(in: .newlines)) else {
      throw PeerFault.silent("\(arguments[0]) has no peak of memory")
    }
    return kib / 1024
  }
}
