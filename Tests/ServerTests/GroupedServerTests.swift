import Netback
import Netfront
import Netif
import PacketCapture
import Server
import SimulatedXen
import Testing
import XenInterface

@Suite struct `A server with groups` {
  private let machine = SimulatedMachine(seed: 9)
  private let ports = TestPorts()

  /// A process with two groups and a guest with queues that has offered pages.
  private func serve(
    queues: Int = 2, _ options: (inout NetfrontOptions) -> Void = { _ in }
  ) throws -> (process: ServingProcess, guest: TestGuest, port: TestPort) {
    let process = try ServingProcess(machine, ports, groups: 2)
    let guest = try TestGuest(machine, domain: 1)
    var chosen = NetfrontOptions(queues: queues, txPages: 256, rxPages: 256)
    options(&chosen)
    try guest.connect(chosen)
    guest.offerPages()
    machine.settle()
    return (process, guest, try #require(ports.ports[guest.place]))
  }

  @Test func `has each queue served by a group, and its frames by an end of its own`() throws {
    let (process, guest, port) = try serve()
    #expect(process.groups.map(\.queueCount) == [1, 1])
    let ends = try (0..<2).map { try #require(port.ends[$0]) }
    #expect(ends[0] === port)
    for queue in 0..<2 {
      #expect(ends[queue].group === process.groups[queue])
      try guest.send(ethernet(from: 1, to: 9, 60 + queue), queue: queue)
      ends[queue].inbox = [ethernet(from: 9, to: 1, 100 + queue)]
    }
    process.wake()
    machine.settle()
    for queue in 0..<2 {
      #expect(ends[queue].frames == [ethernet(from: 1, to: 9, 60 + queue)])
      #expect(
        try guest.received(queue: queue).map(\.octets) == [ethernet(from: 9, to: 1, 100 + queue)])
    }
    let vif = try #require(process.server.vifs.first)
    #expect((vif.fromGuest.frames, vif.fromGuest.octets, vif.fromGuest.largest) == (2, 121, 61))
    #expect((vif.toGuest.frames, vif.toGuest.octets, vif.toGuest.largest) == (2, 201, 101))
    #expect(port.features.contains(.gsoTCPv4))
  }

  @Test func `takes the port back from a guest that closes, and gives what it has to the next`()
    throws
  {
    let (process, guest, port) = try serve()
    try guest.close()
    #expect(process.groups.map(\.queueCount) == [0, 0])
    #expect(port.group == nil && port.ends[1]?.group == nil)
    port.inbox = [ethernet(from: 9, to: 1)]
    process.wake()
    machine.settle()
    // Nobody is there.
    #expect(port.inbox.isEmpty && port.isAwaited)
    #expect(process.server.vifs.first?.toGuest.refused == 1)
    try guest.connect(NetfrontOptions(queues: 1, txPages: 256, rxPages: 256))
    guest.offerPages()
    port.inbox = [ethernet(from: 9, to: 1)]
    process.wake()
    machine.settle()
    #expect(try guest.received().count == 1)
    #expect(process.server.vifs.first?.toGuest.frames == 1)
  }

  @Test func `leaves frames of a queue where they are while it has no room, and loses none`()
    throws
  {
    let (process, guest, port) = try serve()
    let end = try #require(port.ends[1])
    end.inbox = (0..<300).map { ethernet(from: UInt8($0 & 127), to: 1, 60000) }
    for _ in 0..<20 {
      process.wake()
      machine.settle(10_000)
    }
    #expect(end.inbox.count > 250)
    #expect(!end.isAwaited && port.isAwaited)
    var received = 0
    for _ in 0..<2000 where received < 300 {
      received += try guest.received(queue: 1).count
      process.wake()
      machine.settle(10_000)
    }
    #expect(received == 300)
    #expect(end.isAwaited)
    #expect(process.server.vifs.first?.toGuest.refused == 0)
  }

  @Test func `cuts frames for a guest that cannot, on any queue`() throws {
    let (process, guest, port) = try serve { $0.extraKeys = ["feature-gso-tcpv4": "0"] }
    let end = try #require(port.ends[1])
    end.offload = FrameOffload(
      checksum: .partial, segmentation: Segmentation(size: 1400, type: Segmentation.tcpv4))
    end.inbox = [frame(4, payload: 2800)]
    process.wake()
    machine.settle()
    #expect(try guest.received(queue: 1).count == 2)
  }

  @Test func `refuses a guest for whose queues there are no ends`() throws {
    let process = try ServingProcess(machine, ports, groups: 2)
    let guest = try TestGuest(machine, domain: 1)
    machine.settle()
    ports.ports[guest.place]?.isDivisible = false
    #expect(throws: NetfrontError.self) { try guest.connect(NetfrontOptions(queues: 2)) }
    machine.settle()
    #expect(process.news[guest.place]?.contains(.refused(.noEnd)) == true)
    #expect(machine.counters.mappedPages == 0)
  }

  @Test func `hears soon of a guest that a group has cut off`() throws {
    let (process, guest, _) = try serve()
    let queue = guest.front.queues[1]
    queue.tx.put(
      TxRequest(grant: queue.txPages.grant(of: 0), offset: 4000, flags: [], id: 1, size: 200))
    queue.tx.publish()
    machine.settle(250_000_000)
    guard case .cutOff? = process.news[guest.place]?.last else {
      Issue.record("no word of it")
      return
    }
  }

  @Test func `that is killed has a successor that takes all over`() throws {
    var process: ServingProcess? = try ServingProcess(machine, ports, groups: 2)
    let guests = try (1...4).map { try TestGuest(machine, domain: $0) }
    for guest in guests { try guest.connect(NetfrontOptions(queues: 2)) }
    #expect(process?.groups.map(\.queueCount) == [4, 4])
    process = nil
    machine.settle()
    #expect(machine.counters.mappedPages == 0)
    for guest in guests { try guest.send(ethernet(from: 1, to: 2), queue: 1) }
    let successor = try ServingProcess(machine, ports, groups: 3)
    machine.settle()
    #expect(successor.groups.map(\.queueCount) == [3, 3, 2])
    for guest in guests {
      #expect(successor.news[guest.place] == [.appeared, .takenOver(queues: 2, answered: 0)])
      #expect(ports.ports[guest.place]?.ends[1]?.frames == [ethernet(from: 1, to: 2)])
    }
    _ = process
  }

  @Test func `that ends closes all and leaves nothing behind`() throws {
    let (process, guest, port) = try serve()
    process.server.end()
    #expect(guest.front.backendState == .closed)
    #expect(port.isRetired)
    #expect(process.groups.map(\.queueCount) == [0, 0])
    #expect(machine.counters.mappedPages == 0)
  }

  @Test(arguments: [DataPath.map, .mapLarge, .lazy])
  func `has groups map what their queues bring, and unmap it`(_ path: DataPath) throws {
    let process = try ServingProcess(machine, ports, path: path, groups: 2)
    let guest = try TestGuest(machine, domain: 1)
    try guest.connect(NetfrontOptions(queues: 2, txPages: 256, rxPages: 256))
    #expect(process.groups.map(\.queueCount) == [1, 1])
    let port = try #require(ports.ports[guest.place])
    for round in 0..<50 {
      let frames = (0..<2).map { ethernet(from: 1, to: UInt8($0), 1400 + 64 * round) }
      for queue in 0..<2 { try guest.send(frames[queue], queue: queue) }
      machine.settle()
      for queue in 0..<2 { #expect(port.ends[queue]?.frames.last == frames[queue]) }
    }
    #expect(machine.counters.mapOperations >= 100)
    try guest.close()
    #expect(machine.counters.mappedPages == 0)
  }

  @Test(arguments: [DataPath.staged, .persistent, .header])
  func `serves itself what groups cannot`(_ path: DataPath) throws {
    let process = try ServingProcess(machine, ports, path: path, groups: 2)
    let guest = try TestGuest(machine, domain: 1)
    try guest.connect(NetfrontOptions(queues: 2))
    guest.offerPages()
    try guest.send(ethernet(from: 1, to: 9), queue: 1)
    let port = try #require(ports.ports[guest.place])
    port.inbox = [ethernet(from: 9, to: 1)]
    process.wake()
    machine.settle()
    #expect(process.groups.map(\.queueCount) == [0, 0])
    #expect(port.ends.isEmpty)
    #expect(port.frames == [ethernet(from: 1, to: 9)])
    #expect(process.server.vifs.map(\.fromGuest.frames) == [1])
    #expect(try (0..<2).map { try guest.received(queue: $0).count }.reduce(0, +) == 1)
  }

  @Test func `serves itself the vifs of a switch`() throws {
    let process = try ServingProcess(machine, SwitchPorts(), groups: 2)
    let guests = try [1, 2].map { try TestGuest(machine, domain: $0) }
    for guest in guests {
      try guest.connect()
      guest.offerPages()
    }
    try guests[0].send(ethernet(from: 1, to: 2))
    machine.settle()
    #expect(process.groups.map(\.queueCount) == [0, 0])
    #expect(try guests[1].received().count == 1)
  }
}
