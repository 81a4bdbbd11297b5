import Netback
import Netif
import SimulatedXen
import TestSupport
import Testing
import XenInterface
import XenRing

/// What queues ask for once they are under way.
@Suite(.enabled(if: Allocations.areTelling)) struct SteadyMemoryTests {
  @Test func `a TX queue under way takes no memory`() throws {
    let guest = try SteadyGuest()
    #expect(try guest.allocations { try guest.send() } == 0)
    #expect(guest.sink.frames == 2 * SteadyGuest.turns * SteadyGuest.burst)
  }

  @Test func `an RX queue under way takes no memory`() throws {
    let guest = try SteadyGuest()
    #expect(try guest.allocations { try guest.receive() } == 0)
    #expect(guest.received == 2 * SteadyGuest.turns * SteadyGuest.burst)
  }
}

/// A guest with a TX and an RX ring, and the queues that serve them.
private final class SteadyGuest {
  /// Bursts before memory is counted, and while it is.
  static let turns = 2000
  static let burst = 32

  let sink = FrameCounter()
  private(set) var received = 0
  private let machine = SimulatedMachine(seed: 1)
  private let context: VifContext
  private let data: any GrantedPages
  private var tx: FrontRing<SharedPage, TxRequest, TxResponse>
  private var rx: FrontRing<SharedPage, RxRequest, RxResponse>
  private let txQueue: TxQueue<SharedPage>
  private let rxQueue: RxQueue<SharedPage>
  private let frame = [UInt8](repeating: 1, count: 1460)

  init() throws {
    let domain = DomainID(rawValue: 1)
    let allocator = machine.connect(domain).allocator
    let rings = try allocator.share(2, with: .control, access: .readWrite)
    data = try allocator.share(256, with: .control, access: .readWrite)
    context = VifContext(
      configuration: VifConfiguration(domain: domain, handle: VifHandle(rawValue: 0)),
      grants: machine.connect(.control).grants, sink: sink)
    tx = FrontRing(initializing: rings.ringPage(0))
    rx = FrontRing(initializing: rings.ringPage(1))
    txQueue = TxQueue(ring: try BackRing(attaching: rings.ringPage(0)), context: context, queue: 0)
    rxQueue = RxQueue(ring: try BackRing(attaching: rings.ringPage(1)), context: context, queue: 0)
  }

  /// Memory that the second half of many turns takes.
  func allocations(_ turn: () throws -> Void) rethrows -> UInt64 {
    for _ in 0..<Self.turns { try turn() }
    let before = Allocations.ofThisThread
    for _ in 0..<Self.turns { try turn() }
    return Allocations.ofThisThread - before
  }

  /// Sends a burst.
  func send() throws {
    for _ in 0..<Self.burst {
      let place = tx.requestProducer.rawValue & 255
      tx.put(
        TxRequest(
          grant: data.grants[Int(place)], offset: 0, flags: [], id: UInt16(place), size: 1460))
    }
    _ = tx.pushRequests()
    _ = txQueue.poll(now: machine.loop.now)
    for _ in 0..<(try tx.unconsumedResponses()) { _ = tx.takeResponse() }
  }

  /// Takes a burst.
  func receive() throws {
    let frame = frame
    for _ in 0..<Self.burst {
      let place = rx.requestProducer.rawValue & 255
      rx.put(RxRequest(id: UInt16(place), grant: data.grants[Int(place)]))
      _ = rxQueue.enqueue(frame.span.octets, offload: FrameOffload(), now: machine.loop.now)
    }
    _ = rx.pushRequests()
    _ = rxQueue.poll(now: machine.loop.now)
    for _ in 0..<(try rx.unconsumedResponses()) {
      _ = rx.takeResponse()
      received += 1
    }
  }
}

private final class FrameCounter: FrameSink {
  var frames = 0
  func deliver(_ batch: FrameBatch, queue: UInt16) { frames += batch.frames.count }
}
