internal import Glibc
public import TraceFormat

/// A file or standard output as the place where a trace goes.
public final class FileSink: ByteSink {
  private let descriptor: Int32
  /// Where the file is; nil for standard output.
  public let path: String?

  /// Makes a file, or empties the one that is there.
  public init(path: String) throws(TransferError) {
    // SAFETY: the path lives as a C string for the call.
    descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw TransferError(code: errno) }
    self.path = path
  }

  /// Makes a file where none is yet; nil when there is one.
  public init?(newAt path: String) throws(TransferError) {
    // SAFETY: the path lives as a C string for the call.
    descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    self.path = path
    guard descriptor < 0 else { return }
    guard errno == EEXIST else { throw TransferError(code: errno) }
    return nil
  }

  /// Takes standard output.
  public init() {
    descriptor = STDOUT_FILENO
    path = nil
  }

  deinit { if path != nil, descriptor >= 0 { close(descriptor) } }

  /// See `ByteSink`.
  public func write(_ octets: RawSpan) throws(TransferError) {
    var rest = octets
    while rest.byteCount > 0 {
      let count = unsafe rest.withUnsafeBytes { buffer in
        // SAFETY: the buffer is valid for the call, and only read.
        unsafe Glibc.write(descriptor, buffer.baseAddress, buffer.count)
      }
      if count >= 0 {
        rest = rest.extracting(droppingFirst: count)
      } else if errno != EINTR {
        throw TransferError(code: errno)
      }
    }
  }

  /// Takes the file away again: what it was made for did not come about. Devices and pipes stay.
  public func discard() {
    guard let path, isRegular else { return }
    // SAFETY: the path lives as a C string for the call.
    unsafe unlink(path)
  }

  /// Moves the file to the place of another, with the rights and the owner of that; a device or a
  /// pipe keeps its place.
  public func takePlace(of other: FileSink) throws(TransferError) {
    guard let path, let place = other.path, other.isRegular, let status = other.status else {
      throw TransferError(code: EINVAL)
    }
    // Who may not give a file away keeps it.
    _ = fchown(descriptor, status.st_uid, status.st_gid)
    _ = fchmod(descriptor, status.st_mode & 0o7777)
    // SAFETY: both paths live as C strings for the call.
    guard unsafe rename(path, place) == 0 else { throw TransferError(code: errno) }
  }

  private var isRegular: Bool { status.map { $0.st_mode & S_IFMT == S_IFREG } ?? false }

  private var status: stat? {
    var status = stat()
    // SAFETY: the structure is ours and lives for the call.
    return unsafe fstat(descriptor, &status) == 0 ? status : nil
  }
}
