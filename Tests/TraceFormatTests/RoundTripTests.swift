import Netif
import TestSupport
import Testing
import TraceFormat
import XenInterface
import XenRing

@Suite struct RoundTripTests {
  @Test(arguments: 0..<SeededGenerator.kinds)
  func `every kind of event is read as it was written`(_ kind: Int) throws {
    var random = SeededGenerator(seed: UInt64(kind))
    let samples = (0..<300).map { _ in random.sample(kind) }
    let result = try read(try written(samples))
    #expect(result.samples == samples)
    #expect(!result.isTruncated)
  }

  @Test(arguments: [1, 2, 3, 4, 5] as [UInt64])
  func `any mixture of events is read as it was written`(_ seed: UInt64) throws {
    let samples = randomSamples(5_000, seed: seed)
    #expect(try read(try written(samples)).samples == samples)
    #expect(try read(try written(samples, flushEvery: 77)).samples == samples)
  }

  @Test(arguments: [0, 1, 999, 1_000, 1 << 32, .max] as [UInt64])
  func `numbers come back wherever they take an octet more`(_ time: UInt64) throws {
    // Jumps of a power of two and one less or more, to and fro: every length that a field can have.
    let jumps = (0..<32).flatMap { [1 << $0 - 1, 1 << $0, 1 << $0 + 1] as [UInt32] }
    let samples = jumps.flatMap { jump in
      [jump, 0 &- jump].map { index in
        Sample(
          event: TraceEvent(
            time: MonotonicInstant(nanoseconds: time &+ UInt64(index) << (index % 32)),
            origin: .fetched, .release(index: RingIndex(rawValue: index))))
      }
    }
    #expect(try read(try written(samples)).samples == samples)
  }

  @Test func `a trace without events is whole`() throws {
    let result = try read(try written([]))
    #expect(result.samples.isEmpty)
    #expect(!result.isTruncated)
  }

  @Test func `a header is read as it was written`() throws {
    let reader = try TraceReader(MemorySource(try written([])))
    #expect(reader.header == fullHeader())
  }
}
