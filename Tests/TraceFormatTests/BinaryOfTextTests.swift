import TestSupport
import Testing
import TraceFormat
import XenInterface
import XenRing

/// The binary form that is made of a text while it is read.
@Suite struct BinaryOfTextTests {
  private static let samples = randomSamples(2_000, seed: 31)

  @Test func `all that the text says is read, and once more from the beginning`() throws {
    let source = BinaryOfText(MemorySource(try printed(Self.samples)))
    for _ in 0..<2 {
      var reader = try TraceReader(source)
      #expect(reader.header == fullHeader())
      var samples: [Sample] = []
      while let event = try reader.next() {
        samples.append(Sample(event: event, payload: reader.payload.array))
      }
      let isTruncated = reader.isTruncated
      #expect(samples == Self.samples)
      #expect(!isTruncated)
    }
  }

  @Test func `text is read no further than the events that are asked for`() throws {
    let notes = (0..<12).map { number in
      Sample(
        event: TraceEvent(
          time: MonotonicInstant(nanoseconds: UInt64(number)), origin: .fetched,
          .note(length: 1 << 20)),
        payload: [UInt8](repeating: UInt8(number), count: 1 << 20))
    }
    let text = CountingSource(try printed(notes))
    var reader = try TraceReader(BinaryOfText(text))
    #expect(try reader.next() == notes[0].event)
    // A block has room for four of them, and is written when the fifth comes.
    #expect(text.octets < 6 * (text.length.map(Int.init) ?? 0) / 12)
  }

  @Test func `what is wrong with the text is told with its place`() throws {
    let text = try printed(Array(Self.samples.prefix(3))) + Array("1 0.0 seen\n".utf8)
    let lines = text.count { $0 == 0x0a }
    let source = BinaryOfText(MemorySource(text))
    #expect(throws: TraceError.transfer(.badText)) {
      var reader = try TraceReader(source)
      while try reader.next() != nil {}
    }
    #expect(source.failure?.line == lines)
    #expect(source.failure?.expected == .oneOf(["fetched", "observed"]))
  }

  @Test func `what is wrong with reading the text is told as that`() throws {
    let text = try printed(Self.samples)
    #expect(throws: TraceError.transfer(TransferError(code: 5))) {
      var reader = try TraceReader(BinaryOfText(BrokenSource(text, after: text.count / 2)))
      while try reader.next() != nil {}
    }
  }
}

/// A source that cannot be read behind some of its octets.
private final class BrokenSource: ByteSource {
  private let source: MemorySource
  private let end: Int

  init(_ octets: [UInt8], after end: Int) {
    source = MemorySource(octets)
    self.end = end
  }

  var length: UInt64? { source.length }

  func read(at offset: UInt64, into buffer: inout MutableRawSpan) throws(TransferError) -> Int {
    guard offset + UInt64(buffer.byteCount) < UInt64(end) else { throw TransferError(code: 5) }
    return try source.read(at: offset, into: &buffer)
  }
}
