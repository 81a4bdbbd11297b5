internal import Foundation

/// A folder like Lab, whose script boots nothing: it notes what it was told, and leaves what a machine would.
struct FakeLab {
  let files: ScratchFolder

  /// The folder.
  var path: String { files.path("Lab") }

  /// - Parameter body: what is done, in words of the shell; $out is the folder of results.
  init(_ body: String = "echo 0 >\"$out/code\"") throws {
    files = try ScratchFolder()
    try FileManager.default.createDirectory(
      atPath: files.path("Lab"), withIntermediateDirectories: true)
    let script = """
      cd "\(files.url.path)"
      printf '%s\\n' "$@" >words
      while [ "$1" != --out ]; do shift; done
      out=$2
      \(body)

      """
    let run = try files.write("Lab/run.words", Data(script.utf8)).dropLast(".words".count)
    let stand = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "../Scripts/stand-in").standardized
    try FileManager.default.createSymbolicLink(
      atPath: String(run), withDestinationPath: stand.path)
  }

  /// Runs `ringside lab` with it.
  func run(_ words: String...) throws -> CommandRun {
    try CommandRun(["lab", "--lab", path] + words)
  }

  /// What the script was told; `nil` when it was not run.
  var words: [String]? {
    (try? files.text("words"))?.split(separator: "\n").map(String.init)
  }

  /// What the job in the machine was told.
  var job: [String]? {
    words.flatMap { words in
      words.firstIndex(of: path + "/jobs/verb.sh").map { Array(words[($0 + 1)...]) }
    }
  }
}
