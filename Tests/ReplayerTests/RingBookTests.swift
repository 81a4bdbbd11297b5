import Netif
import Recorder
import Replayer
import Testing
import TraceFormat
import XenInterface
import XenRing

@Suite struct RingBookTests {
  private var book: RingBook

  init() {
    var tx = QueueSnapshot.Indices(startingAt: ringIndex(10))
    tx.requestProducer = ringIndex(14)
    tx.requestConsumer = ringIndex(12)
    let vif = VifSnapshot(
      domain: DomainID(rawValue: 1), handle: VifHandle(rawValue: 0),
      control: QueueSnapshot.Indices(), queues: [QueueSnapshot(tx: tx)])
    book = RingBook(
      TraceHeader(
        source: .byHand, clock: .simulated, profile: .linux, snapLength: 0, tool: "test",
        vifs: [vif]))
  }

  /// Takes an event and looks at its ring.
  private mutating func look(
    after body: TraceEvent.Body, queue: UInt16 = 0, _ payload: [UInt8] = []
  ) -> RingSides? {
    let event = TraceEvent(
      time: MonotonicInstant(nanoseconds: 0), queue: queue, origin: .fetched, body)
    book.take(event, payload: payload.span.octets)
    return book.ring(of: event)
  }

  @Test mutating func `a ring begins as the snapshot has it`() throws {
    let sides = try #require(look(after: .notification(ring: .tx, by: .frontend)))
    #expect(sides.ring == .tx)
    #expect(sides.requestProducer == ringIndex(14))
    #expect(sides.requestConsumer == ringIndex(12))
    #expect(sides.responseProducer == ringIndex(10))
    #expect(sides.requestEvent == ringIndex(11))
    #expect(sides.responseEvent == ringIndex(11))
    #expect(sides.untaken == 2)
    #expect(sides.unanswered == 2)
  }

  @Test mutating func `each event moves what it is about`() throws {
    #expect(look(after: .published(20))?.untaken == 8)
    let slot = TraceEvent.Body.slot(ring: .tx, index: ringIndex(12), .init(0, 0))
    #expect(look(after: slot)?.requestConsumer == ringIndex(13))
    let answer = TraceEvent.Body.txResponse(
      index: ringIndex(10), request: ringIndex(10), id: 0, status: .okay)
    let written = try #require(look(after: answer))
    #expect(written.writtenProducer == ringIndex(11))
    #expect(written.responseProducer == ringIndex(10))
    #expect(written.unanswered == 2)
    #expect(look(after: .answered(11))?.responseProducer == ringIndex(11))
    #expect(look(after: .armed(21))?.requestEvent == ringIndex(21))
    #expect(look(after: .listening(12))?.responseEvent == ringIndex(12))
    let end = try #require(look(after: .pollEnds(taken: 20, answered: 15)))
    #expect(end.untaken == 0)
    #expect(end.unanswered == 5)
  }

  @Test mutating func `what is taken was published before`() {
    let slot = TraceEvent.Body.slot(ring: .tx, index: ringIndex(14), .init(0, 0))
    #expect(look(after: slot)?.requestProducer == ringIndex(15))
    #expect(look(after: slot)?.untaken == 0)
  }

  @Test mutating func `what cannot be is not told`() {
    #expect(look(after: .published(1_000))?.untaken == nil)
    #expect(look(after: .answered(13))?.unanswered == nil)
  }

  @Test mutating func `what stands in a poll of the control ring is about that`() {
    let copy = TraceEvent.Body.grantCopy(
      .init(grant: GrantReference(rawValue: 8), offset: 0, length: 4), direction: .fromGuest,
      status: .okay)
    #expect(look(after: copy)?.ring == .tx)
    #expect(look(after: .pollBegin(ring: .control, budget: 1))?.ring == .control)
    #expect(look(after: copy)?.ring == .control)
    let end = TraceEvent.Body.pollEnd(
      ring: .control, consumer: ringIndex(1), producer: ringIndex(1), packets: 1)
    #expect(look(after: end)?.requestConsumer == ringIndex(1))
    #expect(look(after: copy)?.ring == .tx)
  }

  @Test mutating func `behind a gap nothing is known until it is seen`() throws {
    #expect(look(after: .gap(lost: 3)) == nil)
    let sides = try #require(look(after: .published(30)))
    #expect(sides.requestProducer == ringIndex(30))
    #expect(sides.requestConsumer == nil)
    #expect(sides.untaken == nil)
  }

  @Test mutating func `fresh rings begin at 0, and rings that are gone are forgotten`() {
    #expect(look(after: .connected(queues: 2)) == nil)
    #expect(look(after: .notification(ring: .rx, by: .frontend), queue: 1)?.untaken == 0)
    #expect(look(after: .disconnected) == nil)
    #expect(look(after: .notification(ring: .rx, by: .frontend))?.untaken == nil)
  }

  @Test mutating func `a snapshot is gone on from, and a wrong one is left alone`() throws {
    #expect(look(after: .snapshot(length: 1), [9]) == nil)
    #expect(look(after: .notification(ring: .tx, by: .backend))?.untaken == 2)
    let vif = VifSnapshot(
      domain: DomainID(rawValue: 1), handle: VifHandle(rawValue: 0), queues: [QueueSnapshot()])
    let octets = vif.encoded()
    #expect(look(after: .snapshot(length: UInt32(octets.count)), octets) == nil)
    #expect(look(after: .notification(ring: .tx, by: .backend))?.requestProducer == ringIndex(0))
  }

  @Test func `a recorded guest has nothing outstanding in the end`() throws {
    let trace = try parse(try record(.init(seed: 3, queues: 2), steps: 8, snapLength: 160))
    var book = RingBook(trace.header)
    for entry in trace.events {
      book.take(entry.event, payload: entry.payload.span.octets)
      guard case .pollEnd = entry.event.body else { continue }
      let ring = try #require(book.ring(of: entry.event))
      #expect(ring.untaken != nil)
      #expect(ring.unanswered != nil)
    }
    let last = try #require(
      trace.events.last { if case .pollEnd(.tx, _, _, _) = $0.event.body { true } else { false } })
    #expect(book.ring(of: last.event)?.unanswered == 0)
  }
}
