import CaptureFormat
import Netif
import TestSupport
import Testing
import TraceFormat
import XenInterface
import XenRing

private let none: [UInt8] = []

/// Events as no ring brings them.
@Suite struct `A trace of nonsense` {
  private static func frame(_ random: inout SeededGenerator) -> TraceEvent.FrameRecord {
    TraceEvent.FrameRecord(
      length: UInt32.random(in: 0...9, using: &random), captured: 0, offload: FrameOffload())
  }

  private static func operand(_ random: inout SeededGenerator) -> TraceEvent.GrantOperand {
    TraceEvent.GrantOperand(
      grant: GrantReference(rawValue: UInt32.random(in: 0...3, using: &random)),
      offset: [0, 1, .max].randomElement(using: &random) ?? 0,
      length: [0, 1, .max].randomElement(using: &random) ?? 0)
  }

  private static func body(_ random: inout SeededGenerator) -> TraceEvent.Body {
    let near = RingIndex(rawValue: .max - 2).advanced(by: .random(in: 0...300, using: &random))
    let ring = TraceRing.allCases.randomElement(using: &random) ?? .tx
    let word = UInt32.random(in: 0...(.max), using: &random)
    switch Int.random(in: 0..<16, using: &random) {
    case 0, 1, 2, 3:
      return .slot(
        ring: ring, index: near,
        .init(word & 3, word & 0x1f_0001, .random(in: 0...(.max), using: &random)))
    case 4: return .grantCopy(operand(&random), direction: .fromGuest, status: .okay)
    case 5: return .grantCopy(operand(&random), direction: .toGuest, status: .okay)
    case 6:
      return .grantMap(operand(&random).grant, readOnly: true, handle: word & 7, status: .okay)
    case 7: return .grantUnmap(operand(&random).grant, handle: word & 7, status: .okay)
    case 8: return .txResponse(index: near, request: near, id: 1, status: .error)
    case 9, 10: return .rxResponse(index: near, word0: word, word1: word >> 8)
    case 11: return .delivered(frame(&random), request: near)
    case 12: return .taken(frame(&random))
    case 13: return .dropped(frame(&random))
    case 14: return .pollBegin(ring: ring, budget: 1)
    default: return .pollEnd(ring: ring, consumer: near, producer: near, packets: 0)
    }
  }

  /// Rare ones, which forget what is known.
  private static func ending(_ random: inout SeededGenerator) -> TraceEvent.Body {
    [
      .disabled(rule: .random(in: 0...(.max), using: &random)), .gap(lost: 1), .disconnected,
      .snapshot(length: 0), .release(index: RingIndex(rawValue: 0)),
    ].randomElement(using: &random) ?? .disconnected
  }

  @Test(arguments: [1, 2, 3] as [UInt64])
  func `becomes a file in which each event stands once, in order`(_ seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    let header = TraceHeader(
      source: .fuzzer, clock: .simulated, profile: .linux, snapLength: 0, tool: "", vifs: [])
    let sink = MemorySink()
    var writer = try CaptureWriter(header, to: sink)
    let count = 40_000
    for number in 0..<count {
      let isEnding = number > count / 2 && Int.random(in: 0..<500, using: &random) == 0
      let event = TraceEvent(
        time: MonotonicInstant(nanoseconds: UInt64(number)),
        vif: .random(in: 0...1, using: &random), queue: .random(in: 0...1, using: &random),
        origin: .observed, isEnding ? Self.ending(&random) : Self.body(&random))
      try writer.append(event, payload: none.span.octets)
    }
    try writer.finish()
    let file = try PcapngFile(sink.octets)
    #expect(file.packets.map(\.identity) == (0..<UInt64(count)).map { $0 })
    #expect(file.customs.count == file.comments.count)
  }

  @Test func `needs no more room than it is given`() throws {
    let header = TraceHeader(
      source: .byHand, clock: .simulated, profile: .linux, snapLength: 0, tool: "", vifs: [])
    let sink = MemorySink()
    var writer = try CaptureWriter(header, to: sink)
    let time = MonotonicInstant(nanoseconds: 0)
    let slot = TraceEvent(
      time: time, origin: .fetched,
      .slot(ring: .tx, index: RingIndex(rawValue: 0), .init(8, 0, 60 << 16)))
    let copy = TraceEvent(
      time: time, origin: .fetched,
      .grantCopy(
        .init(grant: GrantReference(rawValue: 8), offset: 0, length: 0), direction: .fromGuest,
        status: .okay))
    try writer.append(slot, payload: none.span.octets)
    // More than wait at most: the slot goes, and what comes behind is nobody's.
    for _ in 0..<20_000 { try writer.append(copy, payload: none.span.octets) }
    #expect(sink.octets.count > 1_000_000)
    try writer.finish()
    let file = try PcapngFile(sink.octets)
    #expect(file.packets.count == 20_001)
    #expect(file.comments.map { $0.hasSuffix("\nand 15873 events more") } == [true])
  }
}
