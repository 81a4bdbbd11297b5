import Foundation

/// Programs in C that use a peer's library: built when they are measured, so that nothing else needs it.
enum CProgram {
  /// Builds sources of `Benchmarks/CPeers`, the current folder being that of the sources.
  ///
  /// - Parameter needs: the package without which it does not build.
  static func build(
    _ sources: [String], to program: String, options: [String], compiler: String = "cc",
    needs package: String, in folder: String = "Benchmarks/CPeers"
  ) throws {
    let files = sources.map { "\(folder)/\($0)" }
    guard files.allSatisfy(FileManager.default.fileExists) else {
      throw PeerFault.needs("the folder of Ringside's sources as the current one")
    }
    do {
      _ = try ProgramRun(
        [compiler, "-O2", "-I", folder, "-I", "Benchmarks/CBenchReference/include"] + files
          + ["-o", program] + options)
    } catch { throw PeerFault.needs("\(package) and \(compiler)") }
  }
}
