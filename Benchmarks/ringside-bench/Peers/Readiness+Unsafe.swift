import Foundation

/// Whether a read would wait.
enum Readiness {
  /// Waits until there is something to read, or the end; `false` when `deadline` has passed first.
  static func isReadable(_ file: FileHandle, within deadline: Date) -> Bool {
    var wanted = pollfd(fd: file.fileDescriptor, events: Int16(POLLIN), revents: 0)
    let milliseconds = Int32(max(0, min(deadline.timeIntervalSinceNow * 1000, 1e9)))
    // SAFETY: one structure, which lives for the call.
    return unsafe poll(&wanted, 1, milliseconds) > 0
  }
}
