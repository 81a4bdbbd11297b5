import Netif
import TestSupport
import Testing
import TraceFormat
import XenInterface
import XenRing

@Suite struct TextTests {
  @Test(arguments: [1, 2, 3] as [UInt64])
  func `text says all that the binary form says`(_ seed: UInt64) throws {
    let samples = randomSamples(3_000, seed: seed)
    let text = try printed(samples)
    let result = try parsed(text)
    #expect(result.header == fullHeader())
    #expect(result.samples == samples)
    #expect(try read(try written(result.samples)).samples == samples)
  }

  @Test func `parsed text prints as it was`() throws {
    let text = try printed(randomSamples(500, seed: 4))
    #expect(try printed(try parsed(text).samples) == text)
  }

  @Test func `a trace written by hand needs little`() throws {
    let text = """
      ringside-trace 1.0
      # two slots, one of them too short
      vif domain=5 handle=0 features=0x1 disabled=no hash-algorithm=0 hash-types=0x0
      events\r
      0 0.0 observed tx-slot 0 gref=8 offset=0 flags=0x8 id=0 size=60
      0.5 0.0 observed tx-extra 1 type=1 flags=0x0 value=1448 data=0x1 unused=0x0

      1.000000001 0.0 fetched memory gref=8 offset=0 length=4 data=00ff
        A0 # the rest
      1.1 0.0 fetched key of=frontend text="a=\\"b\\"\\x0a"
      """
    let result = try parsed(Array(text.utf8))
    #expect(result.samples.count == 4)
    #expect(result.samples[2].payload == [0, 255, 0xa0])
    #expect(result.samples[3].payload == Array("a=\"b\"\n".utf8))
    #expect(result.samples[1].event.time.nanoseconds == 500_000_000)
  }

  @Test(
    arguments: [
      ("", 1, 1, .version),
      ("ringside-trace 2.0", 1, 17, .version),
      ("ringside-trace 1.0\nvif domain=70000", 2, 12, .number(upTo: 65535)),
      ("ringside-trace 1.0\nbogus 1", 2, 1, .headerLine),
      ("ringside-trace 1.0\n", 2, 1, .events),
      ("ringside-trace 1.0\nevents\nx", 3, 1, .time),
      ("ringside-trace 1.0\nevents\n1 0.0 seen", 3, 7, .oneOf(["fetched", "observed"])),
      ("ringside-trace 1.0\nevents\n1 0.0 fetched release x", 3, 23, .number(upTo: 0xffff_ffff)),
      ("ringside-trace 1.0\nevents\n1 0.0 fetched disabled", 3, 23, .field("rule")),
      ("ringside-trace 1.0\nevents\n1 0.0 fetched note text=\"", 3, 26, .text),
      ("ringside-trace 1.0\nevents\n1 0.0 fetched note data=abc", 3, 27, .octets),
      ("ringside-trace 1.0\nevents\n1 0.0 fetched gap lost=1 x", 3, 26, .endOfLine),
    ] as [(String, Int, Int, TraceTextExpectation)])
  func `what cannot be read is named with its place`(
    _ text: String, _ line: Int, _ column: Int, _ expected: TraceTextExpectation
  ) {
    #expect(throws: TraceTextError(line: line, column: column, expected: expected)) {
      try parsed(Array(text.utf8))
    }
  }

  @Test func `a line without end is refused`() {
    let text = Array("ringside-trace 1.0\nevents\n".utf8) + [UInt8](repeating: 0x20, count: 70_000)
    #expect(throws: TraceTextError(line: 3, column: 1, expected: .shorter)) { try parsed(text) }
  }
}

/// The text form of a trace.
func printed(_ samples: [Sample]) throws -> [UInt8] {
  let sink = MemorySink()
  var writer = try TraceTextWriter(fullHeader(), to: sink)
  for sample in samples {
    try writer.append(sample.event, payload: sample.payload.span.octets)
  }
  try writer.finish()
  return sink.octets
}

/// What a text says.
private func parsed(
  _ octets: [UInt8]
) throws(TraceTextError) -> (header: TraceHeader, samples: [Sample]) {
  var reader = try TraceTextReader(MemorySource(octets))
  var samples: [Sample] = []
  while let event = try reader.next() {
    samples.append(Sample(event: event, payload: reader.payload.array))
  }
  return (reader.header, samples)
}
