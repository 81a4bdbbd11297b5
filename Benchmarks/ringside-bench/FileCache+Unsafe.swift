import Glibc

/// What the kernel keeps of files in memory.
enum FileCache {
  /// Has the kernel forget a file, so that the next who reads it reads the disk.
  static func drop(_ path: String) {
    // SAFETY: the path lives as a C string for the call.
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return }
    fsync(descriptor)
    posix_fadvise(descriptor, 0, 0, POSIX_FADV_DONTNEED)
    close(descriptor)
  }
}
