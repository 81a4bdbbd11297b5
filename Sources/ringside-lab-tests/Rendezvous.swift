import FoundationEssentials
import Glibc
import WorldConformance

/// Where a row waits for the job that runs it.
enum Rendezvous {
  private static let path = "/run/ringside-go"
  private static let seconds = 300

  /// Says that the row has come here, and waits until the job has made a file.
  static func wait() throws {
    print("waiting for \(path)")
    fflush(nil)
    for _ in 0..<(seconds * 10) {
      if FileManager.default.fileExists(atPath: path) { return }
      usleep(100_000)
    }
    throw Unexpected(description: "nobody has made \(path)")
  }
}
