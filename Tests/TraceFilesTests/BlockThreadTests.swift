internal import Testing
internal import TraceFiles
internal import TraceFormat

@Suite struct BlockThreadTests {
  @Test func `a thread writes the same file as the writer itself`() throws {
    let (inline, threaded) = (MemorySink(), MemorySink())
    var writer = try TraceWriter(FileTests.header, to: inline)
    try write(20, to: &writer)
    let expected = try writer.finish()
    writer = TraceWriter(
      FileTests.header, through: try BlockThread(BlockPacker(FileTests.header, to: threaded)))
    try write(20, to: &writer)
    #expect(try writer.finish() == expected)
    #expect(threaded.octets == inline.octets)
  }

  @Test func `a sink that fails is told of at the end at the latest, and writes no more`() throws {
    let sink = NarrowSink(writes: 3)
    var writer = TraceWriter(
      FileTests.header, through: try BlockThread(BlockPacker(FileTests.header, to: sink)))
    let full = TraceWriteError.transfer(TransferError(code: 28))
    do throws(TraceWriteError) {
      try write(20, to: &writer)
      _ = try writer.finish()
      Issue.record("the failure was not told of")
    } catch {
      #expect(error == full)
    }
    #expect(sink.refused == 1)
  }

  @Test func `what was handed over is in the file when the writer is let go of`() throws {
    let sink = MemorySink()
    do {
      var writer = TraceWriter(
        FileTests.header, through: try BlockThread(BlockPacker(FileTests.header, to: sink)))
      try write(7, to: &writer)
    }
    var reader = try TraceReader(MemorySource(sink.octets))
    var events = 0
    while try reader.next() != nil { events += 1 }
    let isTruncated = reader.isTruncated
    #expect(events == 7)
    #expect(isTruncated)
  }

  /// Events in a block of their own each.
  private func write(_ blocks: Int, to writer: inout TraceWriter) throws(TraceWriteError) {
    for number in 0..<blocks {
      try writer.append(FileTests.event(UInt64(number)))
      try writer.flush()
    }
  }
}

/// Takes some writes and refuses the next ones: a disk that is full.
private final class NarrowSink: ByteSink {
  private var writes: Int
  private(set) var refused = 0

  init(writes: Int) { self.writes = writes }

  func write(_ octets: RawSpan) throws(TransferError) {
    guard writes > 0 else {
      refused += 1
      throw TransferError(code: 28)
    }
    writes -= 1
  }
}
