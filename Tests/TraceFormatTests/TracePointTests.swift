import Netif
import Testing
import TraceFormat
import XenInterface
import XenRing

@Suite struct TracePointTests {
  /// Events with times that do not rise, slots of two rings and two queues, and three packets.
  private static let events: [TraceEvent] = [
    event(1_000, .note(length: 0)),
    event(1_010, .slot(ring: .tx, index: RingIndex(rawValue: 7), .init(0, 0))),
    event(1_050, packet),
    event(1_020, .slot(ring: .rx, index: RingIndex(rawValue: 7), .init(0, 0))),
    event(900, packet),
    event(1_060, queue: 1, .slot(ring: .tx, index: RingIndex(rawValue: 7), .init(0, 0))),
    event(1_070, .slot(ring: .tx, index: RingIndex(rawValue: 8), .init(0, 0))),
    event(1_080, packet),
  ]

  private static let packet = TraceEvent.Body.taken(
    .init(length: 60, captured: 0, offload: FrameOffload()))

  private static func event(
    _ time: UInt64, queue: UInt16 = 0, _ body: TraceEvent.Body
  ) -> TraceEvent {
    TraceEvent(
      time: MonotonicInstant(nanoseconds: time), queue: queue, origin: .observed, body)
  }

  private static func slot(_ ring: TraceRing, _ index: UInt32, queue: UInt16 = 0) -> TracePoint {
    .slot(TraceSlot(vif: 0, queue: queue, ring: ring, index: RingIndex(rawValue: index)))
  }

  @Test(arguments: [
    (TracePoint.event(0), 0), (.event(5), 5), (.event(8), 8), (.time(nanoseconds: 0), 0),
    (.time(nanoseconds: 50), 2), (.time(nanoseconds: 51), 5), (.time(nanoseconds: 1_000), 8),
    (.packet(0), 0), (.packet(1), 3), (.packet(2), 5), (.packet(3), 8), (slot(.tx, 7), 1),
    (slot(.rx, 7), 3), (slot(.tx, 7, queue: 1), 5), (slot(.tx, 8), 6), (slot(.control, 7), 8),
  ])
  func `a place is reached at one event, and stays behind`(_ point: TracePoint, _ first: Int) {
    var watch = TracePointWatch(point)
    let behind = Self.events.enumerated().map {
      watch.reaches($0.element, number: UInt64($0.offset))
    }
    #expect(behind == Self.events.indices.map { $0 >= first })
    #expect(watch.isReached == (first < Self.events.count))
  }
}
