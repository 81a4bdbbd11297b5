import Netif
import TestSupport
import Testing
import TraceFormat
import XenInterface
import XenRing

@Suite struct SeekTests {
  private static let samples = randomSamples(1_000, seed: 21)

  @Test(arguments: [true, false])
  func `any event is found, with the index and without`(_ hasIndex: Bool) throws {
    var file = try written(Self.samples, flushEvery: 90)
    if !hasIndex { file.removeLast(20) }
    var reader = try TraceReader(MemorySource(file))
    for number in [500, 0, 89, 90, 91, 989] {
      try reader.seek(toEvent: UInt64(number))
      #expect(reader.eventNumber == UInt64(number))
      #expect(try reader.next() == Self.samples[number].event)
    }
    try reader.seek(toEvent: 5_000)
    #expect(try reader.next() == nil)
  }

  @Test func `any packet is found`() throws {
    let packets = Self.samples.filter(\.isPacket)
    var reader = try TraceReader(MemorySource(try written(Self.samples, flushEvery: 90)))
    for number in [packets.count / 2, 1, packets.count - 1] {
      try reader.seek(toPacket: UInt64(number))
      var event = try reader.next()
      while let other = event, !Sample(event: other).isPacket { event = try reader.next() }
      #expect(event == packets[number].event)
    }
  }

  @Test func `a time is sought one block before the first that reaches it`() throws {
    let samples = (0..<500).map { number in
      Sample(
        event: TraceEvent(
          time: MonotonicInstant(nanoseconds: UInt64(number) * 1_000), origin: .fetched,
          .release(index: RingIndex(rawValue: UInt32(number)))))
    }
    var reader = try TraceReader(MemorySource(try written(samples, flushEvery: 100)))
    try reader.seek(toBlockOf: MonotonicInstant(nanoseconds: 250_500))
    #expect(try reader.next() == samples[100].event)
  }

  @Test func `compaction merges small blocks and keeps every event`() throws {
    let file = try written(Self.samples, flushEvery: 3)
    let sink = MemorySink()
    let (statistics, isTruncated) = try TraceCompactor.compact(MemorySource(file), into: sink)
    #expect(statistics.blocks == 1)
    #expect(!isTruncated)
    #expect(sink.octets.count < file.count / 2)
    #expect(try read(sink.octets).samples == Self.samples)
  }

  @Test func `compaction makes a cut trace whole`() throws {
    let file = try written(Self.samples, flushEvery: 300)
    let sink = MemorySink()
    let cut = Array(file[..<(file.count * 3 / 4)])
    #expect(try TraceCompactor.compact(MemorySource(cut), into: sink).isTruncated)
    let result = try read(sink.octets)
    #expect(!result.isTruncated)
    #expect(result.samples == (try read(cut)).samples)
  }
}

extension Sample {
  fileprivate var isPacket: Bool {
    switch event.body {
    case .delivered, .taken, .dropped: true
    default: false
    }
  }
}
