import CaptureFormat
import TestSupport
import Testing
import TraceFormat
import XenRing

@Suite struct `A trace that is still being written` {
  static let text = """
    ringside-trace 1.0
    vif domain=5 handle=1 features=0x1 disabled=no hash-algorithm=0 hash-types=0x0
     queue
    events
    1 0.0 fetched tx-slot 0 gref=8 offset=0 flags=0x0 id=0 size=60
    1 0.0 fetched delivered request=0 length=60 checksum=unknown data=0102
    1 0.0 fetched tx-response 0 request=0 id=0 status=okay
    1.1 0.0 fetched taken length=60 checksum=unknown data=0304
    3 0.0 fetched notification tx by=frontend
    4 0.0 fetched key of=frontend text="state=5"

    """

  /// Writes the trace through a stream, a block for each event, and hands over what has come out behind each.
  private func stream(_ body: (PcapngFile) -> Void) throws -> PcapngFile {
    var reader = try TraceTextReader(MemorySource(Array(Self.text.utf8)))
    let sink = MemorySink()
    let stream = CaptureStream(to: sink)
    var writer = try TraceWriter(reader.header, to: stream)
    while let event = try reader.next() {
      try writer.append(event, payload: reader.payload)
      try writer.flush()
      body(try PcapngFile(sink.octets))
    }
    _ = try writer.finish()
    try stream.finish()
    #expect(stream.fault == nil)
    return try PcapngFile(sink.octets)
  }

  @Test func `comes out as its blocks come, but for what waits`() throws {
    var counts: [Int] = []
    let file = try stream { counts.append($0.packets.count) }
    // A slot and its frame wait for the answer; a frame for the guest for a second at most.
    #expect(counts == [0, 1, 3, 3, 5, 6])
    #expect(file.packets == (try capture(Self.text)).packets)
  }

  @Test func `that is none is no capture`() throws {
    let sink = MemorySink()
    let stream = CaptureStream(to: sink)
    let octets = Array("Once upon a time there was a file".utf8)
    try stream.write(octets.span.octets)
    #expect(stream.fault == .notATrace)
    try stream.finish()
    #expect(sink.octets.isEmpty)
  }

  @Test func `may end before it has begun`() throws {
    let sink = MemorySink()
    let stream = CaptureStream(to: sink)
    try stream.finish()
    #expect(sink.octets.isEmpty && stream.fault == nil)
  }
}
