import Netback
import Netfront
import Netif
import SimulatedXen
import Testing
import XenInterface
import XenRing

@Suite struct `The multicast list` {
  private let group = MACAddress(bits: 0x0100_5e00_0001)

  @Test func `an address added twice stands twice, and a removal takes one`() throws {
    var filter = MulticastFilter()
    for _ in 0..<2 { try filter.add(group) }
    #expect(filter.addresses == [group, group])
    filter.remove(group)
    #expect(filter.addresses == [group])
    filter.remove(group)
    filter.remove(group)
    #expect(filter.addresses.isEmpty)
  }

  @Test func `takes any address, and matches all six octets`() throws {
    var filter = MulticastFilter()
    for bits: UInt64 in [0, 0x0200_0000_0001, 0xffff_ffff_ffff] {
      try filter.add(MACAddress(bits: bits))
    }
    #expect(filter.contains(MACAddress(bits: 0x0200_0000_0001)))
    for bit in 0..<48 {
      #expect(!filter.contains(MACAddress(bits: 0x0200_0000_0001 ^ 1 << bit)))
    }
  }

  @Test(arguments: ["close", "vanish"])
  func `R-42: goes with the connection, in the midst of traffic`(_ ending: String) throws {
    let world = try BackendWorld()
    let options = NetfrontOptions(txPages: 128, extraKeys: ["request-multicast-control": "1"])
    for _ in 0..<2 {
      try world.connect(options)
      let receiver = RxReceiver(world.front.queues[0])
      receiver.refill()
      #expect(try fill(world).map(\.status).filter { $0 != .null } == list(of: 64, error: 1))
      for _ in 0..<20 { #expect(world.send([1, 0, 0x5e, 0, 0, 7] + pattern(54))) }
      if ending == "close" {
        try world.front.close(until: world.later)
      } else {
        world.front.abandon()
        try world.front.publish(.closed)
        world.settle()
      }
      #expect(world.device.vif.context.multicast.addresses.isEmpty)
      #expect(!world.send([1, 0, 0x5e, 0, 0, 7] + pattern(54)))
      #expect(world.machine.counters.mappedPages == 0)
    }
  }

  private func list(of okay: Int, error: Int) -> [NetifStatus] {
    Array(repeating: .okay, count: okay) + Array(repeating: .error, count: error)
  }

  /// Asks for 65 addresses, one more than there is room for.
  private func fill(_ world: BackendWorld) throws -> [TxResponse] {
    let sender = TxSender(world.front.queues[0])
    for number in 0..<65 as Range<UInt64> {
      let address = MACAddress(bits: 0x0100_5e00_0000 + number)
      _ = try sender.send(pattern(60).span.octets, extras: [.multicastAdd(address)])
    }
    world.front.queues[0].tx.publish()
    world.settle()
    return try sender.collect()
  }
}
