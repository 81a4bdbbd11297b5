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

  @Test(arguments: [UInt32(0), 0xffff_ff80])
  func `so do slots over answers that a poll gives to packets of the one before`(
    _ start: UInt32
  ) throws {
    var trace = FullRing(RingIndex(rawValue: start), isHeld: true)
    for poll in 0..<6 { trace.poll(number: UInt32(poll), of: Self.budget) }
    let report = try replay(trace.recorded, on: SimulatedMachine(seed: 1))
    #expect(report.diverged == 0, "\(report.divergences.first.map { "\($0)" } ?? "")")
    #expect(report.frames == 6 * Self.budget)
    #expect(report.cut == UInt64(Self.budget))
  }
}

/// The trace of such a guest: packets of one slot, told apart by their octets. Those that are held are
/// long enough to be mapped in part, and answered one poll later.
private struct FullRing {
  private let first: RingIndex
  private let isHeld: Bool
  private(set) var recorded: Recorded
  private var length: UInt16 { isHeld ? 256 : 64 }

  init(_ first: RingIndex, isHeld: Bool = false) {
    self.first = first
    self.isHeld = isHeld
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
    TraceEvent.Words(1000 + number, 0, UInt32(length) << 16 | number & 0xffff)
  }

  private func octets(_ number: UInt32) -> [UInt8] {
    [UInt8](repeating: 2, count: 12) + [8, 0]
      + (0..<UInt32(length) - 14).map { UInt8(truncatingIfNeeded: number + $0) }
  }

  private mutating func emit(_ body: TraceEvent.Body, _ payload: [UInt8] = []) {
    let time = MonotonicInstant(nanoseconds: UInt64(recorded.events.count) * 1000)
    recorded.events.append(
      (TraceEvent(time: time, queue: 0, origin: .observed, body), payload))
  }

  /// A poll that takes `count` packets; before its end the guest has filled the ring again.
  mutating func poll(number: UInt32, of count: UInt32) {
    let taken = number * count..<(number + 1) * count
    let answered = isHeld ? max(number, 1) * count - count..<number * count : taken
    emit(.pollBegin(ring: .tx, budget: count))
    emit(.requestProducer(ring: .tx, index: first.advanced(by: answered.lowerBound + 256)))
    for packet in taken { fetch(packet) }
    for packet in answered { answer(packet) }
    for packet in taken { deliver(packet) }
    for slot in answered {
      emit(.slot(ring: .tx, index: first.advanced(by: slot + 256), words(slot + 256)))
    }
    emit(
      .pollEnd(
        ring: .tx, consumer: first.advanced(by: taken.upperBound),
        producer: first.advanced(by: answered.upperBound), packets: count))
  }

  /// What is beyond 128 octets is mapped.
  private mutating func fetch(_ packet: UInt32) {
    let grant = GrantReference(rawValue: 1000 + packet)
    var operand = TraceEvent.GrantOperand(grant: grant, offset: 0, length: min(length, 128))
    emit(.grantCopy(operand, direction: .fromGuest, status: .okay))
    operand.captured = operand.length
    emit(.memory(operand), Array(octets(packet).prefix(128)))
    guard isHeld else { return }
    emit(.grantMap(grant, readOnly: true, handle: packet, status: .okay))
    emit(
      .memory(TraceEvent.GrantOperand(grant: grant, offset: 128, length: 128, captured: 128)),
      Array(octets(packet).dropFirst(128)))
  }

  private mutating func answer(_ packet: UInt32) {
    let request = first.advanced(by: packet)
    emit(
      .txResponse(
        index: request, request: request, id: UInt16(truncatingIfNeeded: packet), status: .okay))
  }

  private mutating func deliver(_ packet: UInt32) {
    let frame = TraceEvent.FrameRecord(
      length: UInt32(length), captured: UInt32(length), offload: FrameOffload())
    emit(.delivered(frame, request: first.advanced(by: packet)), octets(packet))
  }
}
