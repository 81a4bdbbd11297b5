internal import Foundation

/// What the lab's machine handed back: a folder of its own, which goes away with the value.
final class LabResults {
  private let url: URL
  /// Whether what is in it has found its place.
  private var isPlaced = true

  /// The folder.
  var path: String { url.path }

  init() throws(CommandFailure) {
    let name = "ringside-lab-\(ProcessInfo.processInfo.globallyUniqueString)"
    url = FileManager.default.temporaryDirectory.appendingPathComponent(name)
    try WritableFolder.make(url.path, for: "results")
  }

  deinit { if isPlaced { try? FileManager.default.removeItem(at: url) } }

  /// How the verb ended; `nil` when it did not come to its end.
  var code: Int32? { HostProbe.firstLine(path + "/code").flatMap { Int32($0) } }

  /// What the kernel complained of, if it did.
  var complaint: String? { HostProbe.firstLine(path + "/complaint") }

  /// What the verb printed.
  var output: String {
    String(
      decoding: FileManager.default.contents(atPath: path + "/stdout") ?? Data(), as: UTF8.self)
  }

  /// Puts the files that the verb wrote where it was told to write them.
  func place(_ outputs: [LabPath]) throws(CommandFailure) {
    for (number, output) in outputs.enumerated() {
      try move("files/\(number)", to: output.whole, as: output.name)
    }
  }

  /// Puts the logs into a folder.
  func placeLogs(in folder: String) throws(CommandFailure) {
    for name in ["dmesg.log", "console.log"] {
      try move(name, to: folder + "/" + name, as: folder + "/" + name)
    }
  }

  /// Moves a file, if it is there; another one in its place goes.
  private func move(_ name: String, to place: String, as said: String) throws(CommandFailure) {
    let file = path + "/" + name
    guard FileManager.default.fileExists(atPath: file) else { return }
    do {
      if FileManager.default.fileExists(atPath: place) {
        try FileManager.default.removeItem(atPath: place)
      }
      try FileManager.default.moveItem(atPath: file, toPath: place)
    } catch {
      isPlaced = false
      throw CommandFailure(
        .refused, "\(said): \(error.localizedDescription); it is kept as \(file)")
    }
  }
}
