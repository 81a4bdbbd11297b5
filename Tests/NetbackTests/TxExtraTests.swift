import Netback
import Netif
import TestSupport
import Testing
import XenInterface
import XenRing

private let okay = NetifStatus.okay
private let error = NetifStatus.error
private let null = NetifStatus.null

@Suite struct `Extra infos of packets from the guest` {
  private let gso = ExtraInfo.gso(size: 1000, type: Segmentation.tcpv4)

  @Test func `each is answered with a NULL behind its packet's first slot`() throws {
    let bench = try TxBench()
    bench.publish(bench.packet([100, 50], extras: [.xdp(headroom: 9), .xdp(headroom: 8)]))
    bench.pollAll()
    #expect(bench.statuses() == [okay, null, null, okay])
  }

  @Test func `a NULL sets the status and leaves the id octets`() throws {
    let bench = try TxBench()
    bench.publish(bench.packet([100], extras: [.xdp(headroom: 0x1234)]))
    bench.pollAll()
    #expect(bench.memory.words[bench.slot(1) / 4] == 0x0001_0005)
  }

  @Test func `R-43: octets 4 to 11 of every slot keep what the guest wrote`() throws {
    let bench = try TxBench()
    let slots = bench.packet([100, 50], extras: [.hash(type: 1, algorithm: 1, value: 77)])
    bench.publish(slots)
    bench.pollAll()
    for (place, words) in slots.enumerated() {
      let at = bench.slot(UInt32(place)) / 4
      #expect(bench.memory.words[at + 1] == words[1])
      #expect(bench.memory.words[at + 2] == words[2])
    }
  }

  @Test(arguments: [UInt32(0), 6, 7, 0xff])
  func `R-06: a type that does not exist cuts the guest off`(_ type: UInt32) throws {
    for profile in RuleProfile.allCases {
      let bench = try TxBench(profile: profile)
      bench.publish([bench.request(size: 60, flags: .extraInfo).words, [type, 0, 0, 0]])
      bench.pollAll()
      #expect(bench.context.violation == .invalidExtraType(UInt8(type)))
      #expect(bench.answers().isEmpty)
    }
  }

  @Test func `R-08: of one type the last counts`() throws {
    let bench = try TxBench()
    bench.publish(
      bench.packet([600, 900], extras: [.gso(size: 0, type: 0), .gso(size: 500, type: 2)]))
    bench.pollAll()
    #expect(!bench.context.isDisabled)
    #expect(bench.statuses() == [okay, null, null, okay])
  }

  @Test(arguments: [(UInt16(0), UInt8(1)), (900, 0), (900, 3), (900, 255)])
  func `R-10: segmentation without a size or of an unknown type is fatal in Linux`(
    _ size: UInt16, _ type: UInt8
  ) throws {
    for profile in RuleProfile.allCases {
      let bench = try TxBench(profile: profile)
      bench.publish(bench.packet([600, 900], extras: [.gso(size: size, type: type)]))
      bench.pollAll()
      #expect(bench.context.isDisabled == (profile == .linux))
      #expect(bench.statuses() == (profile == .linux ? [] : [error, null, error]))
    }
  }

  @Test func `a flow hash travels beside the frame`() throws {
    let bench = try TxBench()
    bench.publish(bench.packet([60], extras: [.hash(type: 3, algorithm: 1, value: 0xdead_beef)]))
    bench.publish(bench.packet([60], extras: [.hash(type: 4, algorithm: 1, value: 1)]))
    bench.pollAll()
    #expect(
      bench.sink.frames.map(\.offload.hash) == [FlowHash(value: 0xdead_beef, type: 3), nil])
  }

  @Test func `a multicast request is answered, its data and more-data flag are not looked at`()
    throws
  {
    let bench = try TxBench()
    let address = MACAddress(bits: 0x0100_5e00_0001)
    bench.publish(
      bench.packet([3, 9], total: 65535, flags: .moreData, extras: [.multicastAdd(address)])
        .dropLast() + [bench.request(size: 60, id: 8).words])
    bench.pollAll()
    #expect(bench.context.multicast.contains(address))
    #expect(bench.statuses() == [okay, null, okay])
    #expect(bench.sink.frames.count == 1)
  }

  @Test func `an addition wins over a removal in the same packet`() throws {
    let bench = try TxBench()
    let address = MACAddress(bits: 5)
    bench.publish(
      bench.packet([60], extras: [.multicastAdd(address), .multicastDelete(address)]))
    bench.pollAll()
    #expect(bench.context.multicast.contains(address))
  }

  @Test func `the sixty-fifth multicast address is refused, removing an unknown one is not`() throws
  {
    let bench = try TxBench()
    for number in 0..<65 {
      bench.publish(
        bench.packet([60], extras: [.multicastAdd(MACAddress(bits: UInt64(number)))]))
    }
    bench.publish(bench.packet([60], extras: [.multicastDelete(MACAddress(bits: 999))]))
    bench.pollAll()
    let first = bench.statuses().enumerated().filter { $0.offset % 2 == 0 }.map(\.element)
    #expect(first == [NetifStatus](repeating: okay, count: 64) + [error, okay])
  }

  @Test func `R-47: unknown flag bits are ignored`() throws {
    let bench = try TxBench()
    bench.publish(
      [bench.request(size: 60, flags: TxFlags(rawValue: 0xfff8)).words, [0xfe05, 0, 0, 0]])
    bench.pollAll()
    #expect(bench.statuses() == [okay, null])
  }
}

@Suite struct `What the pages bring` {
  @Test func `an answer of OKAY does not mean that the frame was delivered`() throws {
    let bench = try TxBench()
    // A blank checksum on a frame that is neither IPv4 nor IPv6.
    bench.publish(bench.packet([200], flags: .checksumBlank))
    bench.pollAll()
    #expect(bench.statuses() == [okay])
    #expect(bench.sink.frames.isEmpty)
    #expect(bench.context.statistics.txHeaderDrops == 1)
  }

  @Test(arguments: 0..<4)
  func `R-23: a reference that does not work loses the packet and marks its own slot`(_ bad: Int)
    throws
  {
    let bench = try TxBench()
    var slots = bench.packet([200, 300, 400, 500])
    slots[bad][0] = TxBench.badGrant.rawValue
    bench.publish(slots + [bench.request(size: 60).words])
    bench.pollAll()
    #expect(bench.statuses() == (0..<4).map { $0 == bad ? error : okay } + [okay])
    #expect(bench.sink.frames.map(\.octets.count) == [60])
    #expect(bench.context.statistics.txGrantFailures == 1)
  }

  @Test func `an empty slot behind the linear area is answered and its reference never used`()
    throws
  {
    let bench = try TxBench()
    var slots = bench.packet([200, 0])
    slots[1][0] = TxBench.badGrant.rawValue
    bench.publish(slots)
    bench.pollAll()
    #expect(bench.statuses() == [okay, okay])
    #expect(bench.sink.frames.count == 1)
  }

  @Test func `R-27: an answer names the request as it was when it was taken`() throws {
    let bench = try TxBench(order: .completion)
    bench.publish([bench.request(size: 600, id: 41).words])
    bench.poll()
    #expect(bench.queue.heldSlotCount == 1)
    bench.memory.store(0xffff_ffff, at: bench.slot(0) + 8)
    _ = bench.queue.release(frame: RingIndex(rawValue: 0), now: MonotonicInstant(nanoseconds: 1))
    #expect(bench.answers() == [TxSlot(id: 41, status: okay)])
  }

  @Test func `R-26: every word of a slot is read once`() throws {
    let bench = try TxBench()
    bench.publish(bench.packet([200, 300, 50], extras: [.xdp(headroom: 1)]))
    bench.memory.resetReads()
    bench.pollAll()
    let words = (0..<4).flatMap { slot in
      (0..<3).map { bench.memory.reads[bench.slot(UInt32(slot)) / 4 + $0] }
    }
    #expect(words.allSatisfy { $0 == 1 })
  }

  @Test(arguments: [0, 4, 8])
  func `R-26: a word that changes behind the first read changes nothing`(_ offset: Int) throws {
    let bench = try TxBench()
    bench.publish([bench.request(size: 60, id: 5).words])
    bench.memory.answerLaterReads(at: bench.slot(0) + offset, with: [0xffff_ffff])
    bench.pollAll()
    #expect(!bench.context.isDisabled)
    #expect(bench.answers() == [TxSlot(id: 5, status: okay)])
    #expect(bench.sink.frames.map(\.octets.count) == [60])
  }
}

@Suite struct `The credit of a queue` {
  private let second: UInt64 = 1_000_000_000

  private func bench() throws -> TxBench {
    try TxBench(
      credit: CreditScheduler(
        bytes: 1000, microseconds: 1_000_000, now: MonotonicInstant(nanoseconds: 0)))
  }

  @Test func `R-46: a packet beyond it waits, unconsumed, for the next window`() throws {
    let bench = try bench()
    bench.publish([bench.request(size: 600).words, bench.request(size: 500, id: 1).words])
    #expect(bench.poll(at: 10).wakeUp == MonotonicInstant(nanoseconds: second))
    #expect(bench.queue.requestConsumer == RingIndex(rawValue: 1))
    #expect(bench.answers().count == 1)
    bench.poll(at: second / 2)
    #expect(bench.answers().count == 1)
    bench.poll(at: second)
    #expect(bench.answers().count == 2)
  }

  @Test func `R-46: a new limit looks at once at what waits`() throws {
    let bench = try bench()
    bench.publish([bench.request(size: 600).words, bench.request(size: 500, id: 1).words])
    bench.poll(at: 10)
    let now = MonotonicInstant(nanoseconds: 20)
    bench.queue.limit(bytes: 200, microseconds: 1_000_000, now: now)
    bench.poll(at: 20)
    #expect(bench.answers().count == 2)
  }

  @Test func `a new limit cuts what is left`() throws {
    let bench = try bench()
    bench.publish([bench.request(size: 100).words])
    bench.poll(at: 10)
    bench.queue.limit(
      bytes: 500, microseconds: 1_000_000, now: MonotonicInstant(nanoseconds: 20))
    bench.publish([bench.request(size: 501, id: 1).words])
    #expect(bench.poll(at: 30).wakeUp == MonotonicInstant(nanoseconds: second))
  }

  @Test func `no limit any more lets everything pass`() throws {
    let bench = try bench()
    bench.publish([bench.request(size: 600).words, bench.request(size: 500, id: 1).words])
    bench.poll(at: 10)
    bench.queue.limit(bytes: .max, microseconds: 0, now: MonotonicInstant(nanoseconds: 20))
    #expect(bench.poll(at: 20).wakeUp == nil)
    #expect(bench.answers().count == 2)
  }

  @Test func `a refused packet is charged too`() throws {
    let bench = try bench()
    bench.publish([bench.request(size: 13).words, bench.request(size: 990, id: 1).words])
    bench.poll(at: 10)
    bench.poll(at: 20)
    #expect(bench.statuses() == [error])
  }
}
