import Netback
import Netif
import SimulatedXen
import TestSupport
import Testing
import XenInterface
import XenRing

private let okay = NetifStatus.okay
private let error = NetifStatus.error

@Suite struct `Packets out of staged pages` {
  @Test func `a staged packet is copied without Xen`() throws {
    let bench = try TxBench(path: .staged)
    try bench.stage(0..<3)
    bench.publish(bench.packet([100, 200, 4096]))
    bench.pollAll()
    #expect(bench.machine.counters.copyCalls == 0)
    #expect(
      bench.sink.frames.map(\.octets) == [
        pattern(100) + pattern(200, from: 1) + pattern(4096, from: 2)
      ])
    #expect(bench.statuses() == [okay, okay, okay])
    #expect(bench.context.statistics.txStaged == tally(slots: 3, octets: 4396))
  }

  @Test func `what is not staged is left to Xen, all with one call`() throws {
    let bench = try TxBench(path: .staged)
    try bench.stage(1..<3)
    bench.publish(bench.packet([100, 200, 300, 400]) + bench.packet([60, 70]))
    bench.pollAll()
    #expect(bench.machine.counters.copyCalls == 1)
    #expect(bench.grants.copies.map(\.length) == [100, 400, 60])
    #expect(
      bench.sink.frames.map(\.octets) == [
        pattern(100) + pattern(200, from: 1) + pattern(300, from: 2) + pattern(400, from: 3),
        pattern(60) + pattern(70, from: 1),
      ])
    #expect(bench.statuses() == [NetifStatus](repeating: okay, count: 6))
    #expect(bench.context.statistics.txStaged == tally(slots: 3, octets: 570))
  }

  @Test func `without a page that is staged all is as by copies`() throws {
    let bench = try TxBench(path: .staged)
    bench.publish(bench.packet([100, 200]))
    bench.pollAll()
    #expect(bench.grants.copies.map(\.length) == [100, 200])
    #expect(bench.context.statistics.txStaged == StagedTally())
  }

  @Test(arguments: 0..<4)
  func `a slot whose copy fails beside staged ones is the only one that says so`(
    _ bad: Int
  ) throws {
    let bench = try TxBench(path: .staged)
    try bench.stage(0..<4)
    var slots = bench.packet([128, 200, 300, 400])
    var request = TxRequest(words: slots[bad])
    request.grant = TxBench.badGrant
    slots[bad] = request.words
    bench.publish(slots + bench.packet([60]))
    bench.pollAll()
    #expect(bench.statuses() == (0..<4).map { $0 == bad ? error : okay } + [okay])
    #expect(bench.sink.frames.map(\.octets.count) == [60])
  }

  @Test func `octets lie where the slot says in a staged page`() throws {
    let bench = try TxBench(path: .staged)
    try bench.stage(0..<1)
    bench.publish([bench.request(offset: 1000, size: 3096).words])
    bench.pollAll()
    #expect(bench.sink.frames.map(\.octets) == [Array(pattern(4096)[1000...])])
    #expect(bench.machine.counters.copyCalls == 0)
  }

  /// Data is copied in the poll that takes its slot, so nothing of a page is in use behind it.
  @Test func `DEL of an entry in use: a frame that is kept has its octets, its page is unmapped`()
    throws
  {
    let bench = try TxBench(order: .completion, path: .staged)
    try bench.stage(0..<2)
    bench.publish(bench.packet([200, 300]))
    bench.pollAll()
    #expect(bench.queue.heldSlotCount > 0)
    bench.staging?.remove([bench.request(size: 0).grant])
    #expect(bench.machine.counters.mappedPages == 1)
    _ = bench.queue.release(
      frame: RingIndex(rawValue: 0), now: MonotonicInstant(nanoseconds: 0))
    #expect(bench.statuses().allSatisfy { $0 == okay } && bench.statuses().count == 2)
    #expect(bench.sink.frames.map(\.octets) == [pattern(200) + pattern(300, from: 1)])
  }

  @Test func `DEL of an entry in use: a published slot of its page is copied by Xen`() throws {
    let bench = try TxBench(path: .staged)
    try bench.stage(0..<2)
    bench.publish(bench.packet([200, 300]))
    bench.staging?.remove([bench.request(size: 0).grant])
    bench.pollAll()
    #expect(bench.grants.copies.map(\.length) == [200])
    #expect(bench.statuses() == [okay, okay])
  }

  @Test func `references that fall on one place of the table are told apart`() throws {
    let machine = SimulatedMachine(seed: 1)
    let guest = machine.connect(DomainID(rawValue: 1))
    let pages = try guest.allocator.share(1024, with: .control, access: .readWrite)
    let table = StagingTable(before: machine.connect(.control).grants, domain: guest.domain)
    try table.add(pages.grants.map { StagedGrant(grant: $0, isReadOnly: false) })
    #expect(pages.grants.allSatisfy(table.holds))
    table.remove(Set(pages.grants.enumerated().filter { $0.offset % 3 == 0 }.map(\.element)))
    for (place, grant) in pages.grants.enumerated() {
      #expect(table.holds(grant) == (place % 3 != 0))
    }
    #expect(!table.holds(GrantReference(rawValue: 0)) && !table.holds(ungranted))
    #expect(machine.counters.mappedPages == table.count && table.count == 682)
  }
}

func tally(slots: UInt64, octets: UInt64) -> StagedTally {
  var tally = StagedTally()
  tally.slots = slots
  tally.octets = octets
  return tally
}
