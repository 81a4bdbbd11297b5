internal import Foundation
internal import Netif
internal import Testing
internal import TraceFiles
internal import TraceFormat
internal import XenInterface

@Suite("Traces in files") struct FileTests {
  static let header = TraceHeader(
    source: .byHand, clock: .simulated, profile: .linux, snapLength: 0, tool: "test", vifs: [])

  static func event(_ time: UInt64) -> TraceEvent {
    TraceEvent(
      time: MonotonicInstant(nanoseconds: time), origin: .fetched,
      .notification(ring: .tx, by: .frontend))
  }

  /// Writes `count` events to a sink.
  static func write(_ count: UInt64, to sink: any ByteSink) throws {
    var writer = try TraceWriter(header, to: sink)
    for time in 0..<count { try writer.append(event(time)) }
    _ = try writer.finish()
  }

  /// Counts the events of a source.
  static func count(_ source: any ByteSource) throws -> UInt64 {
    var reader = try TraceReader(source)
    while try reader.next() != nil {}
    let (isTruncated, statistics) = (reader.isTruncated, reader.statistics)
    #expect(!isTruncated)
    return statistics.events
  }

  @Test func `a trace comes back from a file and from a pipe`() throws {
    let path = FileManager.default.temporaryDirectory.appending(path: "\(UUID())").path
    let sink = try FileSink(path: path)
    defer { sink.discard() }
    try Self.write(100_000, to: sink)
    let file = try FileSource(path: path)
    #expect(file.length != nil)
    #expect(try Self.count(file) == 100_000)

    let cat = Process()
    cat.executableURL = URL(filePath: "/bin/cat")
    cat.arguments = [path]
    let pipe = Pipe()
    cat.standardOutput = pipe
    try cat.run()
    let end = "/proc/self/fd/\(pipe.fileHandleForReading.fileDescriptor)"
    let piped = try FileSource(path: end)
    #expect(piped.length == nil)
    #expect(try Self.count(piped) == 100_000)
    cat.waitUntilExit()
  }

  @Test func `a full disk is an error with the system's number`() throws {
    let sink = try FileSink(path: "/dev/full")
    #expect(throws: TraceWriteError.transfer(TransferError(code: ENOSPC))) {
      _ = try TraceWriter(Self.header, to: sink)
    }
  }

  @Test func `only a regular file is taken away with what could not be written to it`() throws {
    let path = FileManager.default.temporaryDirectory.appending(path: "\(UUID())").path
    #expect(unsafe mkfifo(path, 0o600) == 0)
    let reader = unsafe open(path, O_RDONLY | O_NONBLOCK)
    defer {
      close(reader)
      unsafe unlink(path)
    }
    try FileSink(path: path).discard()
    #expect(FileManager.default.fileExists(atPath: path))
  }

  @Test(arguments: [("/", EISDIR), ("/no/such/file", ENOENT)])
  func `what cannot be read is an error with the system's number`(_ path: String, _ code: Int32) {
    #expect(throws: TransferError(code: code)) { _ = try FileSource(path: path) }
  }

  @Test func `a sink that is discarded leaves no file`() throws {
    let path = FileManager.default.temporaryDirectory.appending(path: "\(UUID())").path
    try FileSink(path: path).discard()
    #expect(!FileManager.default.fileExists(atPath: path))
  }
}
