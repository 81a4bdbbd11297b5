import Netback
import Netfront
import Netif
import SimulatedXen
import Testing
import XenInterface
import XenRing

@Suite struct `The rate of a vif` {
  private let second: UInt64 = 1_000_000_000

  @Test(arguments: [
    "", "1000", "1000,", ",1000", "1000,1000000,1", "1000,,1000000", "1000 ,1000000", "x,1000000",
    "1000,1000000x", "-1,1000000", "+1000,1000000", "none",
  ])
  func `R-46: is no limit when it cannot be read`(_ text: String) throws {
    let world = try BackendWorld(backendKeys: ["rate": text])
    try world.connect()
    #expect(try answered(world, packets: 20) == 20)
  }

  @Test func `R-46: below the size of a packet lets it pass when enough windows have`() throws {
    let world = try BackendWorld(backendKeys: ["rate": "500,1000000"])
    try world.connect()
    #expect(try answered(world, packets: 1) == 0)
    _ = world.machine.loop.run(until: world.machine.loop.now.advanced(by: 4 * second)) { false }
    #expect(world.sink.frames.count == 1)
  }

  @Test func `R-46: is each queue's own`() throws {
    let world = try BackendWorld(backendKeys: ["rate": "1400,1000000"])
    try world.connect(NetfrontOptions(queues: 2))
    for queue in 0..<2 { #expect(try answered(world, packets: 2, queue: queue) == 1) }
  }

  @Test func `R-46: is counted in whole milliseconds, and a burst has 131072 octets`() {
    let start = MonotonicInstant(nanoseconds: 0)
    let next = start.advanced(by: 1_000_000)
    var credit = CreditScheduler(bytes: 100_000, microseconds: 1_999, now: start)
    #expect(credit.window == 1_000_000)
    // 34465 are left after the first packet, and 100000 come.
    let isPaid = [start, next].map { credit.charge(65_535, now: $0) }
    #expect(isPaid == [true, true])
    #expect(credit.remaining == CreditScheduler.smallestBurst - 65_535)
    var large = CreditScheduler(bytes: 200_000, microseconds: 1_000, now: start)
    for _ in 0..<4 { _ = large.charge(50_000, now: start) }
    #expect(large.remaining == 0)
    let isPaidAgain = large.charge(50_000, now: next)
    #expect(isPaidAgain)
    #expect(large.remaining == 150_000)
  }

  /// Sends packets of 1000 octets and counts those that are answered at once.
  private func answered(_ world: BackendWorld, packets: Int, queue: Int = 0) throws -> Int {
    let sender = TxSender(world.front.queues[queue])
    for _ in 0..<packets { _ = try sender.send(pattern(1000).span.octets) }
    world.front.queues[queue].tx.publish()
    world.settle()
    return try sender.collect().count
  }
}
