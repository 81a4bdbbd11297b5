import Foundation

/// A folder for what a measurement needs; it goes when nobody holds it any more.
final class BenchFolder {
  let url: URL

  init() throws {
    url = FileManager.default.temporaryDirectory.appending(path: "ringside-bench-\(UUID())")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(at: url) }

  /// A path in it.
  func path(_ name: String) -> String { url.appending(path: name).path }
}
