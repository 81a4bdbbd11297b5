import Fuzzer
import Netif
import TestSupport
import Testing
import TraceFormat
import XenInterface
import XenRing

/// Events that no backend ever made, such as a file may have.
private struct Nonsense {
  private static let edges: [UInt32] = [0, 1, 4095, 4096, 65535, 1 << 31, .max]
  private var random: SeededGenerator

  init(_ seed: UInt64) { random = SeededGenerator(seed: seed) }

  mutating func number() -> UInt32 {
    let value = UInt32(truncatingIfNeeded: random.next())
    return random.next() % 2 == 0 ? Self.edges[Int(value % 7)] : value % 300
  }

  mutating func half() -> UInt16 { UInt16(truncatingIfNeeded: number()) }

  mutating func event() -> TraceEvent {
    let time = MonotonicInstant(nanoseconds: random.next() >> UInt64(number() % 60))
    return TraceEvent(time: time, queue: UInt16(random.next() % 2), origin: .fetched, body())
  }

  private mutating func body() -> TraceEvent.Body {
    let ring = TraceRing(rawValue: UInt8(random.next() % 3)) ?? .tx
    let index = RingIndex(rawValue: number())
    let size = UInt16(random.next() % 200)
    let grant = GrantReference(rawValue: number() % 20 + 90)
    let operand = TraceEvent.GrantOperand(
      grant: grant, offset: half(), length: half(), captured: 0)
    var memory = operand
    memory.captured = size
    let frame = TraceEvent.FrameRecord(
      length: number(), captured: UInt32(size), offload: FrameOffload(checksum: .partial))
    let status = GrantStatus(rawValue: Int16(truncatingIfNeeded: number()))
    switch random.next() % 14 {
    case 0...3:
      let words = TraceEvent.Words(grant.rawValue, number(), number(), number())
      return .slot(ring: ring, index: RingIndex(rawValue: index.rawValue % 8), words)
    case 4: return .requestProducer(ring: ring, index: index)
    case 5: return .pollBegin(ring: ring, budget: number())
    case 6: return .pollEnd(ring: ring, consumer: index, producer: index, packets: number())
    case 7: return .grantCopy(operand, direction: .fromGuest, status: status)
    case 8: return .memory(memory)
    case 9: return .taken(frame)
    case 10: return .rxResponse(index: index, word0: number(), word1: number())
    case 11: return .eventIndex(ring: ring, by: .frontend, index: index)
    case 12: return .disabled(rule: UInt8(number() & 0xff))
    default: return .responseProducer(ring: ring, index: index)
    }
  }
}

@Suite struct `Events that no backend made` {
  @Test(arguments: [1, 2, 3] as [UInt64])
  func `become scenarios that play without a finding`(_ seed: UInt64) {
    var nonsense = Nonsense(seed)
    let vif = VifSnapshot(
      domain: DomainID(rawValue: 1), handle: VifHandle(rawValue: 0),
      control: QueueSnapshot.Indices(), queues: [QueueSnapshot(), QueueSnapshot()])
    var scenarios = TraceScenarios(
      TraceHeader(
        source: .byHand, clock: .simulated, profile: .linux, snapLength: 200, tool: "", vifs: [vif])
    )
    var count = 0
    for _ in 0..<20_000 {
      let event = nonsense.event()
      let payload = [UInt8](repeating: 7, count: event.payloadLength)
      scenarios.take(event, payload: payload.span.octets)
      for scenario in scenarios.takeFinished() {
        count += 1
        #expect(scenario.octets.count <= 4096)
        #expect(ScenarioPlayer.failure(of: scenario) == nil)
      }
    }
    #expect(count > 5)
  }
}
