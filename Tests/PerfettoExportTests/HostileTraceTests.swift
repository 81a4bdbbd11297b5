import Netback
import Netif
import PerfettoExport
import Recorder
import TestSupport
import Testing
import TraceFormat
import XenInterface
import XenRing

@Suite struct HostileTraceTests {
  private let header = TraceHeader(
    source: .byHand, clock: .simulated, profile: .linux, snapLength: 0, tool: "", vifs: [])

  @Test(arguments: 0..<UInt64(20))
  func `events without sense are shown, and slices nest`(_ seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    let events = (0..<3000).map { _ in random.event() }
    let (shown, omitted) = try export(header, events)
    #expect(omitted == 0)
    #expect(shown.events.count > 1000)
    _ = try openSlices(shown)
    #expect(shown.tracks.count < 2 * (16 + 3 * 256) * 3)
  }

  @Test func `of more rings than are shown the first are shown, and the others' events counted`()
    throws
  {
    let most = UInt16(PerfettoWriter.mostRings)
    let events = (0..<most + 10).flatMap { queue in
      [true, false].map { isBegin in
        let index = RingIndex(rawValue: 0)
        return TraceEvent(
          time: MonotonicInstant(nanoseconds: 5), queue: queue, origin: .fetched,
          isBegin
            ? .pollBegin(ring: .tx, budget: 1)
            : .pollEnd(ring: .tx, consumer: index, producer: index, packets: 0))
      }
    }
    let (shown, omitted) = try export(header, events)
    #expect(omitted == 20)
    #expect(shown.paths.count { $0.hasSuffix("/tx ring") } == Int(most))
  }

  @Test(arguments: [
    TraceEvent.Body.gap(lost: 3), .disconnected, .disabled(rule: 5), .snapshot(length: 0),
  ])
  func `what is under way ends where the trace breaks off`(_ body: TraceEvent.Body) throws {
    let flags = UInt32(TxFlags.moreData.rawValue) << 16
    let grant = GrantReference(rawValue: 8)
    let events: [TraceEvent.Body] = [
      .pollBegin(ring: .tx, budget: 64),
      .slot(ring: .tx, index: RingIndex(rawValue: 0), .init(8, flags, 100 << 16)),
      .grantMap(grant, readOnly: true, handle: 1, status: .okay),
      .taken(.init(length: 60, captured: 0, offload: .init())), body,
    ]
    let (shown, _) = try export(
      header,
      events.map {
        TraceEvent(time: MonotonicInstant(nanoseconds: 5), origin: .fetched, $0)
      })
    let isEmptySnapshot = body == .snapshot(length: 0)
    #expect(try openSlices(shown).count == (isEmptySnapshot ? 3 : 0))
    #expect(shown.events(on: "mapped grants").last?.value == (isEmptySnapshot ? 1 : 0))
    #expect(shown.events(on: "life").count == 1)
  }

  @Test func `a time that lies behind is shown as the last`() throws {
    let events = [9, 4, 12].map { time in
      TraceEvent(
        time: MonotonicInstant(nanoseconds: time), origin: .fetched,
        .notification(ring: .tx, by: .frontend))
    }
    #expect(try export(header, events).shown.events.map(\.time) == [9, 9, 12])
  }

  @Test func `it is written in pieces of one size, however long it is`() throws {
    let sink = CountingSink()
    var writer = try PerfettoWriter(header, to: sink)
    let event = TraceEvent(
      time: MonotonicInstant(nanoseconds: 1), origin: .fetched,
      .notification(ring: .tx, by: .frontend))
    for _ in 0..<20_000 { try writer.append(event, payload: RawSpan()) }
    _ = try writer.finish()
    #expect(sink.pieces.count > 5)
    #expect(sink.pieces.dropLast().allSatisfy { 64 << 10..<65 << 10 ~= $0 })
  }

  @Test func `what cannot be written is thrown`() throws {
    let sink = CountingSink(failsAt: 1)
    var writer = try PerfettoWriter(header, to: sink)
    let event = TraceEvent(
      time: MonotonicInstant(nanoseconds: 1), origin: .fetched,
      .notification(ring: .tx, by: .frontend))
    #expect(throws: TraceWriteError.transfer(TransferError(code: 28))) {
      while true { try writer.append(event, payload: RawSpan()) }
    }
  }
}

/// Counts what is written.
private final class CountingSink: ByteSink {
  private(set) var pieces: [Int] = []
  private let failure: Int?

  /// Fails at this piece.
  init(failsAt failure: Int? = nil) { self.failure = failure }

  func write(_ octets: RawSpan) throws(TransferError) {
    pieces.append(octets.byteCount)
    if pieces.count == failure { throw TransferError(code: 28) }
  }
}

extension SeededGenerator {
  /// An event of two vifs with two queues, close enough to others that they have to do with each other.
  fileprivate mutating func event() -> TraceEvent {
    TraceEvent(
      time: MonotonicInstant(nanoseconds: next() % 1000), vif: UInt16(next() % 2),
      queue: UInt16(next() % 2), origin: .fetched, body())
  }

  private mutating func below(_ bound: UInt64) -> UInt32 { UInt32(next() % bound) }
  private mutating func index() -> RingIndex { RingIndex(rawValue: below(600) &- 300) }
  private mutating func grant() -> GrantReference { GrantReference(rawValue: below(4)) }
  private mutating func word() -> UInt32 { UInt32(truncatingIfNeeded: next() & next()) }

  private mutating func status() -> GrantStatus {
    GrantStatus(rawValue: below(4) == 0 ? .min : 0)
  }

  private mutating func frame() -> TraceEvent.FrameRecord {
    TraceEvent.FrameRecord(length: word(), captured: 0, offload: FrameOffload())
  }

  private mutating func body() -> TraceEvent.Body {
    let ring = TraceRing.allCases[Int(below(3))]
    switch below(16) {
    case 0...2: return .slot(ring: ring, index: index(), .init(below(4), word(), word(), word()))
    case 3: return .requestProducer(ring: ring, index: index())
    case 4: return .pollBegin(ring: ring, budget: word())
    case 5: return .pollEnd(ring: ring, consumer: index(), producer: index(), packets: word())
    case 6:
      return .grantCopy(
        .init(grant: grant(), offset: UInt16(below(4096)), length: UInt16(below(65536))),
        direction: below(2) == 0 ? .toGuest : .fromGuest, status: status())
    case 7: return .grantMap(grant(), readOnly: true, handle: below(9), status: status())
    case 8: return .grantUnmap(grant(), handle: below(9), status: status())
    case 9: return .txResponse(index: index(), request: index(), id: 1, status: .error)
    case 10: return .rxResponse(index: index(), word0: word(), word1: word())
    case 11: return .controlResponse(index: index(), word0: word(), word1: word(), word2: word())
    case 12: return .delivered(frame(), request: index())
    case 13: return .taken(frame())
    case 14: return .release(index: index())
    default:
      guard below(20) == 0 else { return .responseProducer(ring: ring, index: index()) }
      return .gap(lost: next())
    }
  }
}
