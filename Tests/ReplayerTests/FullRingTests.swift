import Netif
import Replayer
import SimulatedXen
import Testing
import TraceFormat
import XenInterface
import XenRing

/// A guest whose ring is full when a poll begins, and which publishes slots over answers of that poll.
@Suite struct FullRingTests {
  private static let budget: UInt32 = 64

  @Test(arguments: [UInt32(0), 0xffff_ff80])
  func `slots that a guest publishes over the answers of the same poll wait for the next`(
    _ start: UInt32
  ) throws {
    let first = RingIndex(rawValue: start)
    var trace = FullRing(first)
    for poll in 0..<6 { trace.poll(number: UInt32(poll), of: Self.budget) }
    let report = try replay(trace.recorded, on: SimulatedMachine(seed: 1))
    #expect(report.diverged == 0, "\(report.divergences.first.map { "\($0)" } ?? "")")
    #expect(report.frames == 6 * Self.budget)
    // The slots behind the last poll.
    #expect(report.cut == UInt64(Self.budget))
  }
}

/// The trace of such a guest: packets of one slot, told apart by their octets.
private struct FullRing {
  private let first: RingIndex
  private(set) var recorded: Recorded

  init(_ first: RingIndex) {
    self.first = first
    let header = VifSnapshot(domain: DomainID(rawValue: 1), handle: VifHandle(rawValue: 0))
    recorded = Recorded(
      header: TraceHeader(
        source: .kernelTap, clock: .simulated, profile: .linux, order: .completion,
        snapLength: 128, tool: "test", vifs: [header]),
      events: [])
    var queue = QueueSnapshot(tx: .init(startingAt: first))
    queue.tx.requestProducer = first.advanced(by: 256)
    queue.txSlots = (0..<256).map { .init(index: first.advanced(by: $0), words: words($0)) }
    var vif = header
    vif.queues = [queue]
    let octets = vif.encoded()
    emit(.connected(queues: 1))
    emit(.snapshot(length: UInt32(octets.count)), octets)
  }

  /// Slot `number` has a page of its own.
  private func words(_ number: UInt32) -> TraceEvent.Words {
    TraceEvent.Words(1000 + number, 0, 64 << 16 | number & 0xffff)
  }

  private func octets(_ number: UInt32) -> [UInt8] {
    [UInt8](repeating: 2, count: 12) + [8, 0]
      + (0..<50).map { UInt8(truncatingIfNeeded: number + $0) }
  }

  private mutating func emit(_ body: TraceEvent.Body, _ payload: [UInt8] = []) {
    let time = MonotonicInstant(nanoseconds: UInt64(recorded.events.count) * 1000)
    recorded.events.append(
      (TraceEvent(time: time, queue: 0, origin: .observed, body), payload))
  }

  /// A poll that takes `count` packets; before its end the guest has filled the ring again.
  mutating func poll(number: UInt32, of count: UInt32) {
    let done = number * count..<(number + 1) * count
    emit(.pollBegin(ring: .tx, budget: count))
    emit(.requestProducer(ring: .tx, index: first.advanced(by: done.lowerBound + 256)))
    for packet in done { copy(packet) }
    for packet in done { deliver(packet) }
    for slot in done {
      emit(.slot(ring: .tx, index: first.advanced(by: slot + 256), words(slot + 256)))
    }
    let end = first.advanced(by: done.upperBound)
    emit(.pollEnd(ring: .tx, consumer: end, producer: end, packets: count))
  }

  private mutating func copy(_ packet: UInt32) {
    var operand = TraceEvent.GrantOperand(
      grant: GrantReference(rawValue: 1000 + packet), offset: 0, length: 64)
    emit(.grantCopy(operand, direction: .fromGuest, status: .okay))
    operand.captured = 64
    emit(.memory(operand), octets(packet))
  }

  private mutating func deliver(_ packet: UInt32) {
    let request = first.advanced(by: packet)
    emit(
      .txResponse(
        index: request, request: request, id: UInt16(truncatingIfNeeded: packet), status: .okay))
    let frame = TraceEvent.FrameRecord(length: 64, captured: 64, offload: FrameOffload())
    emit(.delivered(frame, request: request), octets(packet))
  }
}
