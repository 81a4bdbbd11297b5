import Netif
import TestSupport
import Testing
import XenInterface

@testable import TraceFormat

/// What seeking reads of a trace of many blocks, and where it gets.
@Suite struct SeekCostTests {
  /// A place to seek to, and the event that is to come next.
  enum Goal: CaseIterable {
    case event, packet, time

    func seek(_ reader: inout TraceReader) throws(TraceError) {
      switch self {
      case .event: try reader.seek(toEvent: 1_505)
      case .packet: try reader.seek(toPacket: 150)
      case .time: try reader.seek(toBlockOf: LongTrace.time(1_515))
      }
    }

    var number: Int { self == .event ? 1_505 : 1_500 }
  }

  @Test(arguments: Goal.allCases)
  func `with the index, seeking reads it and the block that is sought`(_ goal: Goal) throws {
    let source = CountingSource(try LongTrace.file())
    var reader = try TraceReader(source)
    let header = source.octets
    try goal.seek(&reader)
    #expect(reader.eventNumber == UInt64(goal.number))
    #expect(try reader.next() == LongTrace.samples[goal.number].event)
    #expect(source.octets - header < LongTrace.index + 2 * LongTrace.block)
  }

  @Test(arguments: Goal.allCases)
  func `without an index, seeking reads heads and the block that is sought`(_ goal: Goal) throws {
    let source = CountingSource(Array(try LongTrace.file().dropLast(10)))
    var reader = try TraceReader(source)
    let header = source.octets
    try goal.seek(&reader)
    #expect(try reader.next() == LongTrace.samples[goal.number].event)
    // Once for an index, and from there on to the place.
    let heads = (2 * LongTrace.blocks + 4) * BlockHead.size
    #expect(source.octets - header < LongTrace.index + heads + 2 * LongTrace.block)
  }

  @Test func `how far a trace goes is read from the index and a few heads`() throws {
    let source = CountingSource(try LongTrace.file())
    var reader = try TraceReader(source)
    let header = source.octets
    let extent = try #require(try reader.extent())
    #expect(source.octets - header < LongTrace.index + LongTrace.block)
    #expect(extent == LongTrace.extent(blocks: LongTrace.blocks))
    #expect(try reader.next() == LongTrace.samples[0].event)
  }

  @Test func `a trace that was cut goes as far as its last whole block`() throws {
    let file = try LongTrace.file()
    let indexPart = LongTrace.index + BlockHead.size + IndexEntry.tailSize
    var reader = try TraceReader(MemorySource(Array(file.dropLast(indexPart + 1))))
    #expect(try reader.extent() == LongTrace.extent(blocks: LongTrace.blocks - 1))
  }

  @Test func `a trace without events, and a pipe, go nowhere that is known`() throws {
    var reader = try TraceReader(MemorySource(try written([])))
    #expect(try reader.extent() == nil)
    reader = try TraceReader(CountingSource(try LongTrace.file(), hasLength: false))
    #expect(try reader.extent() == nil)
    try reader.seek(toEvent: 12)
    #expect(try reader.next() == LongTrace.samples[12].event)
  }

  @Test(
    arguments: [
      .event(0), .event(1_505), .event(5_000), .time(nanoseconds: 0), .time(nanoseconds: 1_505_500),
      .packet(0), .packet(3), .packet(150), .packet(200), .packet(300),
    ] as [TracePoint])
  func `a place is where it is, whatever was passed over before it`(_ point: TracePoint) throws {
    func number(passing: Bool) throws -> UInt64? {
      var reader = try TraceReader(MemorySource(try LongTrace.file()))
      var watch = TracePointWatch(point)
      if passing, let events = try reader.seek(before: point) { watch.pass(events) }
      while let event = try reader.next() {
        if watch.reaches(event, number: reader.eventNumber - 1) { return reader.eventNumber - 1 }
      }
      return nil
    }
    #expect(try number(passing: true) == number(passing: false))
  }

  @Test func `what is counted begins with the block that was sought`() throws {
    var reader = try TraceReader(MemorySource(try LongTrace.file()))
    _ = try reader.next()
    try reader.seek(toEvent: 1_990)
    while try reader.next() != nil {}
    #expect(reader.statistics.events == 10)
    #expect(reader.statistics.octets == UInt64(try LongTrace.file().count))
  }
}

/// Files whose heads claim what only a sequence of blocks could show to be wrong.
@Suite struct SeekDamageTests {
  @Test func `an event with the last of all numbers is found, and counted on from`() throws {
    var file = try written([LongTrace.samples[1]])
    let entry = file.count - IndexEntry.tailSize - IndexEntry.size
    let head = Int(file[entry]) | Int(file[entry + 1]) << 8
    for place in 0..<8 {
      file[entry + 8 + place] = 0xff
      file[head + 24 + place] = 0xff
    }
    TraceRepair.repair(&file)
    var reader = try TraceReader(MemorySource(file))
    try reader.seek(toEvent: .max)
    #expect(reader.eventNumber == .max)
    #expect(try reader.next() == LongTrace.samples[1].event)
    #expect(reader.eventNumber == 0)
    #expect(try reader.extent()?.events == 0)
    try reader.seek(toSnapshotsBefore: .max)
    #expect(reader.eventNumber == .max)
  }
}

/// Indexes that are not one entry for each block.
@Suite struct SparseIndexTests {
  @Test(arguments: [1, 7, 8, 9, 100, 1_000])
  func `an index has an entry for every so manieth block`(_ blocks: Int) {
    var index = BlockIndex(limit: 8)
    for number in 0..<blocks {
      var head = BlockHead(.events)
      head.firstEvent = UInt64(number)
      index.add(IndexEntry(head, at: UInt64(number)))
    }
    let numbers = index.entries.map(\.firstEvent)
    let step = numbers.count > 1 ? numbers[1] : UInt64(blocks)
    #expect(numbers == Array(stride(from: 0, to: UInt64(blocks), by: UInt64.Stride(step))))
    #expect(numbers.count <= 8)
    #expect(numbers.count >= min(blocks, 5))
  }

  @Test func `blocks that the index leaves out are found by their heads`() throws {
    let source = CountingSource(
      try LongTrace.file(changingIndex: { entries in
        entries = stride(from: 0, to: entries.count, by: 16).map { entries[$0] }
      }))
    var reader = try TraceReader(source)
    for number in [1_999, 0, 159, 160, 1_505] {
      let before = source.octets
      try reader.seek(toEvent: UInt64(number))
      #expect(try reader.next() == LongTrace.samples[number].event)
      #expect(source.octets - before < LongTrace.index + 16 * BlockHead.size + LongTrace.block)
    }
    #expect(try reader.extent() == LongTrace.extent(blocks: LongTrace.blocks))
  }

  /// Octets of an entry: the block's offset, event, packet, times.
  @Test(arguments: [0, 8, 16, 24, 32])
  func `an index that says what its blocks do not is not followed`(_ field: Int) throws {
    let file = try LongTrace.file(changingIndex: { entries in
      for number in entries.indices.dropFirst() { entries[number][field] ^= 1 }
    })
    var reader = try TraceReader(MemorySource(file))
    try reader.seek(toEvent: 1_505)
    #expect(try reader.next() == LongTrace.samples[1_505].event)
  }
}

/// A trace of 200 blocks of 10 events, each block with a note that does not shrink, and a packet.
private enum LongTrace {
  static let blocks = 200
  static let block = 4_096 + 512
  static let index = blocks * 40

  static func time(_ number: Int) -> MonotonicInstant {
    MonotonicInstant(nanoseconds: 1_000_000 + UInt64(number) * 1_000)
  }

  static let samples: [Sample] = {
    var random = SeededGenerator(seed: 44)
    return (0..<blocks * 10).map { number in
      switch number % 10 {
      case 0:
        let note = (0..<4_096).map { _ in UInt8(truncatingIfNeeded: random.next()) }
        return Sample(event: event(number, .note(length: 4_096)), payload: note)
      case 9:
        return Sample(
          event: event(number, .taken(.init(length: 60, captured: 0, offload: FrameOffload()))))
      default: return Sample(event: event(number, .notification(ring: .tx, by: .frontend)))
      }
    }
  }()

  private static func event(_ number: Int, _ body: TraceEvent.Body) -> TraceEvent {
    TraceEvent(time: time(number), origin: .fetched, body)
  }

  static func file() throws -> [UInt8] { try written(samples, flushEvery: 10) }

  /// The file with another index, whose checksums are right.
  static func file(changingIndex change: (inout [[UInt8]]) -> Void) throws -> [UInt8] {
    let file = try file()
    let first = file.count - IndexEntry.tailSize - index
    var entries = stride(from: first, to: first + index, by: IndexEntry.size).map {
      Array(file[$0..<$0 + IndexEntry.size])
    }
    change(&entries)
    var changed = Array(file[..<first])
    for (place, octet) in littleEndian(entries.count * IndexEntry.size).enumerated() {
      // Octets of the index before and after compression.
      changed[first - BlockHead.size + 8 + place] = octet
      changed[first - BlockHead.size + 12 + place] = octet
    }
    changed += entries.joined() + file.suffix(IndexEntry.tailSize)
    TraceRepair.repair(&changed)
    return changed
  }

  private static func littleEndian(_ number: Int) -> [UInt8] {
    (0..<4).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }
  }

  static func extent(blocks: Int) -> TraceExtent {
    var extent = TraceExtent()
    for sample in samples.prefix(blocks * 10) { extent.count(sample.event) }
    return extent
  }
}
