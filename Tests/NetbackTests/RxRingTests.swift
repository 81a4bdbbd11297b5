import Netback
import Netif
import SimulatedXen
import TestSupport
import Testing
import XenInterface
import XenRing

@Suite struct `The RX ring` {
  private static let second: UInt64 = 1_000_000_000

  @Test func `R-26: every word of a request is read once`() throws {
    let bench = try RxBench()
    bench.offer([1, 2])
    #expect(bench.send(pattern(5000)))
    bench.memory.resetReads()
    bench.poll()
    let words = (0..<2).flatMap { [bench.slot($0) / 4, bench.slot($0) / 4 + 1] }
    #expect(words.allSatisfy { bench.memory.reads[$0] == 1 })
  }

  @Test(arguments: [0, 4])
  func `R-26: a word of a request that changes behind the first read changes nothing`(
    _ offset: Int
  ) throws {
    let bench = try RxBench()
    bench.offer([5])
    bench.memory.answerLaterReads(at: bench.slot(0) + offset, with: [0xffff_ffff])
    #expect(bench.send(pattern(60)))
    bench.poll()
    #expect(bench.grants.copies.map(\.grant) == [bench.grant(0)])
    let wanted = RxResponse(id: 5, offset: 0, flags: [], status: NetifStatus(rawValue: 60))
    #expect(bench.answers.map { RxResponse(words: $0) } == [wanted])
  }

  @Test(arguments: [255, 5000, 0x8000_0000, .max] as [UInt32], [0, .max - 1] as [UInt32])
  func `R-36: a producer that lies is believed: stale slots are used, and nothing else happens`(
    _ ahead: UInt32, _ start: UInt32
  ) throws {
    let bench = try RxBench(start: start)
    bench.put(RxRequest(id: 9, grant: bench.grant(0)))
    bench.write([0, RxBench.badGrant.rawValue], at: start &+ 1)
    bench.publish(ahead: ahead)
    #expect(bench.send(pattern(5000)))
    // A claim of 2^32 - 1 slots beyond one is one of no slots.
    let isSeen = 1 &+ ahead >= 2
    #expect(bench.poll().packets == (isSeen ? 1 : 0))
    #expect(bench.statuses.map { $0 < 0 } == (isSeen ? [false, true] : []))
    #expect(!bench.context.isDisabled)
  }

  @Test func `a producer that lies has no slot taken twice before it is answered`() throws {
    let bench = try RxBench(headroom: 4000)
    bench.offer(Array(0..<70))
    bench.publish(ahead: 5000)
    for _ in 0..<30 { #expect(bench.send(pattern(2000))) }
    // A frame takes 21 slots and an extra info: 11 frames fill a ring.
    #expect((0..<3).map { _ in bench.poll().packets } == [11, 11, 8])
  }

  @Test func `a frame that needs more slots than a ring has waits until its time is over`() throws {
    let bench = try RxBench(headroom: 4095)
    bench.offer(Array(0..<70))
    bench.publish(ahead: 5000)
    #expect(bench.send(pattern(300)))
    #expect(bench.poll().packets == 0)
    #expect(bench.poll().hasMore == false)
  }

  @Test func `a frame that there is room for is handed over, however long it has waited`() throws {
    let bench = try RxBench(headroom: 3839)
    for length in [62812, 4000] { #expect(bench.send(pattern(length))) }
    bench.publish(ahead: 5000)
    let late = MonotonicInstant(nanoseconds: 20_000_000_000)
    // The first takes 246 slots, the second 17.
    #expect((0..<2).map { _ in bench.queue.poll(now: late).packets } == [1, 1])
  }

  @Test func `a packet that lacks slots has the backend ask for the next request`() throws {
    let bench = try RxBench(start: 40)
    bench.offer([1])
    #expect(bench.send(pattern(5000)))
    bench.poll()
    #expect(bench.memory.words[RingLayout.requestEvent / 4] == 42)
  }

  @Test func `a request that comes while the backend asks for it is taken at once`() throws {
    let bench = try RxBench()
    bench.offer([1])
    bench.put(RxRequest(id: 2, grant: bench.grant(1)))
    // The first look sees one request, the look behind the event index two.
    bench.memory.answerLaterReads(at: RingLayout.requestProducer, with: [2])
    #expect(bench.send(pattern(5000)))
    #expect(bench.poll().packets == 1)
    #expect(bench.statuses == [4096, 904])
  }

  @Test func `a poll hands over 64 frames at most, and publishes their answers together`() throws {
    let bench = try RxBench()
    bench.offer(Array(0..<70))
    for _ in 0..<70 { #expect(bench.send(pattern(60))) }
    let first = bench.poll()
    #expect(first.packets == 64 && first.hasMore && first.notification == .required)
    #expect(bench.answers.count == 64)
    #expect(bench.grants.copies.count == 64)
    #expect(bench.machine.counters.copyCalls == 1)
    #expect(bench.poll().packets == 6)
  }

  @Test func `a queue that was full takes frames again when the first is handed over`() throws {
    let bench = try RxBench()
    while bench.send(pattern(4096)) {}
    #expect(bench.queue.waitingFrames == 128)
    bench.offer([1])
    bench.poll()
    #expect(bench.send(pattern(4096)))
    #expect(!bench.send(pattern(4096)))
  }

  @Test func `frames that wait keep their octets while the queue never runs empty`() throws {
    let bench = try RxBench()
    func frame(_ number: Int) -> [UInt8] {
      pattern(1 + number * 613 % 4096, from: UInt8(truncatingIfNeeded: number))
    }
    var (sent, taken) = (0, 0)
    while taken < 350 {
      while sent - taken < 9 {
        #expect(bench.send(frame(sent)))
        sent += 1
      }
      bench.offer(Array(0..<7))
      bench.poll()
      for page in 0..<7 {
        let expected = frame(taken + page)
        #expect(bench.octets(ofPage: page, first: expected.count) == expected)
      }
      taken += 7
    }
  }

  @Test func `no request is looked at while no frame waits, though the last one just expired`()
    throws
  {
    let bench = try RxBench()
    #expect(bench.send(pattern(60)))
    bench.poll()
    bench.poll(at: 10 * Self.second)
    #expect(bench.queue.waitingFrames == 0)
    bench.offer([1])
    bench.poll(at: 11 * Self.second)
    #expect(bench.answers.isEmpty)
    #expect(bench.queue.requestConsumer == RingIndex(rawValue: 0))
  }

  @Test(arguments: [
    (Segmentation.tcpv4, NetifFeatures.gsoTCPv4, true), (Segmentation.tcpv4, .gsoTCPv6, false),
    (Segmentation.tcpv6, .gsoTCPv6, true), (Segmentation.tcpv6, .gsoTCPv4, false),
  ])
  func `a segmentation extra goes only to a guest that can take that kind`(
    _ type: UInt8, _ features: NetifFeatures, _ isTold: Bool
  ) throws {
    let bench = try RxBench(features: features)
    bench.offer([1, 2])
    let offload = FrameOffload(segmentation: Segmentation(size: 500, type: type))
    #expect(bench.send(pattern(1500), offload))
    bench.poll()
    #expect(bench.answers.count == (isTold ? 2 : 1))
    #expect(RxResponse(words: bench.answers[0]).flags.contains(.extraInfo) == isTold)
  }

  @Test func `extras stand in ascending order, and each says whether another follows`() throws {
    let bench = try RxBench()
    bench.offer([1, 2, 3])
    let offload = FrameOffload(
      segmentation: Segmentation(size: 500, type: Segmentation.tcpv4),
      hash: FlowHash(value: 7, type: 1))
    #expect(bench.send(pattern(1500), offload))
    bench.poll()
    let extras = try bench.answers.dropFirst().map { try ExtraInfoSlot(words: $0) }
    #expect(
      extras == [
        ExtraInfoSlot(.gso(size: 500, type: Segmentation.tcpv4), hasMore: true),
        ExtraInfoSlot(.hash(type: 1, algorithm: FlowHash.toeplitz, value: 7), hasMore: false),
      ])
  }
}
