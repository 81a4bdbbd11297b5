import Netif
import Testing
import TraceFormat
import XenInterface
import XenRing

@testable import Recorder

@Suite struct TriggerTests {
  private static let all = FlightTriggers(
    fatal: true, error: true, stall: true, rate: 4, signal: true)

  private static func response(_ status: NetifStatus) -> TraceEvent.Body {
    let index = RingIndex(rawValue: 7)
    return .txResponse(index: index, request: index, id: 1, status: status)
  }

  private static func rxResponse(_ status: Int16) -> TraceEvent.Body {
    .rxResponse(
      index: RingIndex(rawValue: 7), word0: 0,
      word1: UInt32(UInt16(bitPattern: status)) << 16)
  }

  private static var packet: TraceEvent.Body {
    .delivered(
      TraceEvent.FrameRecord(length: 60, captured: 0, offload: FrameOffload()),
      request: RingIndex(rawValue: 0))
  }

  private func event(
    _ body: TraceEvent.Body, at milliseconds: UInt64 = 0, vif: UInt16 = 0
  ) -> TraceEvent {
    TraceEvent(
      time: MonotonicInstant(nanoseconds: 1_000_000_000 + milliseconds * 1_000_000), vif: vif,
      origin: .fetched, body)
  }

  @Test(
    arguments: [
      (TraceEvent.Body.disabled(rule: 5), FlightCause.fatal(rule: 5)),
      (response(.error), .error(status: -1, ring: .tx)),
      (response(.dropped), .error(status: -2, ring: .tx)),
      (rxResponse(-1), .error(status: -1, ring: .rx)), (rxResponse(60), nil),
      (response(.okay), nil), (response(.null), nil), (packet, nil), (.disconnected, nil),
    ] as [(TraceEvent.Body, FlightCause?)])
  func `an event is the trigger that it should be`(
    _ body: TraceEvent.Body, _ cause: FlightCause?
  ) {
    var watch = TriggerWatch(Self.all)
    #expect(watch.look(at: event(body)) == cause)
    var deaf = TriggerWatch(FlightTriggers())
    #expect(deaf.look(at: event(body)) == nil)
  }

  @Test func `errors that go on are one trigger until a minute is without them`() {
    var watch = TriggerWatch(Self.all)
    let error = Self.response(.error)
    #expect(watch.look(at: event(error, at: 0)) != nil)
    #expect(watch.look(at: event(error, at: 30_000)) == nil)
    #expect(watch.look(at: event(error, at: 30_000, vif: 1)) != nil)
    #expect(watch.look(at: event(error, at: 89_999)) == nil)
    #expect(watch.look(at: event(error, at: 149_999)) != nil)
    #expect(watch.repeated == 2)
  }

  @Test func `a guest that is cut off is a trigger each time`() {
    var watch = TriggerWatch(Self.all)
    for _ in 0..<2 { #expect(watch.look(at: event(.disabled(rule: 1))) == .fatal(rule: 1)) }
  }

  @Test(
    arguments: [
      ([0, 100, 200, 300], UInt64(4)), ([0, 300, 600, 850], 4), ([0, 0, 0, 0], 4),
      ([0, 300, 600, 1100], nil), ([0, 400, 800, 1200, 1600, 2000], nil),
    ] as [([UInt64], UInt64?)])
  func `a rate is counted over the last second`(_ times: [UInt64], _ packets: UInt64?) {
    var watch = TriggerWatch(Self.all)
    let causes = times.compactMap { watch.look(at: event(Self.packet, at: $0)) }
    #expect(causes == packets.map { [.rate($0)] } ?? [])
  }
}
