internal import Foundation

/// A folder that is written to.
enum WritableFolder {
  /// Makes it if it is not there, and sees that it can be written to.
  static func make(_ path: String, for what: String) throws(CommandFailure) {
    do {
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    } catch { throw CommandFailure(.refused, "\(path): \(error.localizedDescription)") }
    guard FileManager.default.isWritableFile(atPath: path) else {
      throw CommandFailure(
        .refused, "\(path): \(what) cannot be written there; name another folder")
    }
  }
}
