internal import Glibc
public import TraceFormat

/// A file, a pipe or standard input as the source of a trace.
public final class FileSource: ByteSource {
  private let descriptor: Int32
  private let isOwned: Bool
  /// See `ByteSource`; known for a regular file only.
  public let length: UInt64?
  /// What was read of a pipe.
  private var position: UInt64 = 0

  /// Opens a file.
  public init(path: String) throws(TransferError) {
    // SAFETY: the path lives as a C string for the call.
    descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw TransferError(code: errno) }
    isOwned = true
    length = try Self.length(of: descriptor)
  }

  /// Takes standard input.
  public init() throws(TransferError) {
    descriptor = STDIN_FILENO
    isOwned = false
    length = try Self.length(of: descriptor)
  }

  deinit { if isOwned { close(descriptor) } }

  /// See `ByteSource`.
  public func read(
    at offset: UInt64, into buffer: inout MutableRawSpan
  ) throws(TransferError) -> Int {
    if length == nil { try skip(to: offset) }
    var done = 0
    while done < buffer.byteCount {
      let count = try readSome(at: offset &+ UInt64(done), into: &buffer, from: done)
      guard count > 0 else { break }
      done += count
    }
    return done
  }

  /// Moves a pipe forward: octets between what was asked for are of no use.
  private func skip(to offset: UInt64) throws(TransferError) {
    guard offset >= position else { throw TransferError(code: ESPIPE) }
    var scratch = InlineArray<4096, UInt8>(repeating: 0)
    while position < offset {
      var span = scratch.mutableSpan
      // SAFETY: every pattern of bits is a valid octet; the span outlives its view.
      var octets = unsafe span.mutableBytes
      let wanted = Int(min(offset - position, UInt64(octets.byteCount)))
      var part = octets._mutatingExtracting(first: wanted)
      guard try readSome(at: position, into: &part, from: 0) > 0 else { return }
    }
  }

  private func readSome(
    at offset: UInt64, into buffer: inout MutableRawSpan, from start: Int
  ) throws(TransferError) -> Int {
    while true {
      let count = unsafe buffer.withUnsafeMutableBytes { octets -> Int in
        // SAFETY: `start` is less than the buffer's count, so the rest of it is ours to fill.
        let rest = unsafe UnsafeMutableRawBufferPointer(rebasing: octets[start...])
        return length == nil
          ? unsafe Glibc.read(descriptor, rest.baseAddress, rest.count)
          : unsafe pread(descriptor, rest.baseAddress, rest.count, off_t(clamping: offset))
      }
      if count >= 0 {
        position += UInt64(count)
        return count
      }
      guard errno == EINTR else { throw TransferError(code: errno) }
    }
  }

  private static func length(of descriptor: Int32) throws(TransferError) -> UInt64? {
    var status = stat()
    // SAFETY: the structure is ours and lives for the call.
    guard unsafe fstat(descriptor, &status) == 0 else { throw TransferError(code: errno) }
    switch status.st_mode & S_IFMT {
    case S_IFREG: return UInt64(clamping: status.st_size)
    case S_IFDIR: throw TransferError(code: EISDIR)
    default: return nil
    }
  }
}
