import Netback
import Netfront
import Netif
import PacketCapture
import Server
import SimulatedXen
import Testing
import XenInterface
import XenRing

@Suite struct `A server of vifs` {
  private let machine = SimulatedMachine(seed: 7)
  private let ports = TestPorts()

  @Test func `serves those that are there and those that come, and lets go of those that go`()
    throws
  {
    let first = try TestGuest(machine, domain: 3)
    let process = try ServingProcess(machine, ports)
    let others = [
      try TestGuest(machine, domain: 4), try TestGuest(machine, domain: 4, handle: 1),
    ]
    for guest in [first] + others { try guest.connect() }
    #expect(process.server.vifs.map(\.place) == ([first] + others).map(\.place))
    for (number, guest) in ([first] + others).enumerated() {
      try guest.send(ethernet(from: UInt8(number), to: 9))
      machine.settle()
      #expect(ports.ports[guest.place]?.frames == [ethernet(from: UInt8(number), to: 9)])
    }
    try others[0].vanish()
    machine.settle()
    #expect(process.server.vifs.map(\.place) == [first.place, others[1].place])
    #expect(ports.ports[others[0].place]?.isRetired == true)
    #expect(
      process.news[others[0].place] == [.appeared, .connected(queues: 1), .closed, .vanished])
    #expect(machine.counters.mappedPages == 4)
  }

  @Test func `hands frames of its port to the guest and counts them`() throws {
    let guest = try TestGuest(machine, domain: 1)
    let process = try ServingProcess(machine, ports)
    try guest.connect()
    guest.offerPages()
    let port = try #require(ports.ports[guest.place])
    port.inbox = (0..<5).map { ethernet(from: 9, to: 1, 100 + $0) }
    machine.settle()
    _ = process.server.step(now: machine.loop.now)
    #expect(try guest.received().map(\.octets.count) == [100, 101, 102, 103, 104])
    let counted = try #require(process.server.vifs.first?.toGuest)
    #expect(counted.frames == 5 && counted.octets == 510 && counted.largest == 104)
    #expect(port.features.contains(.gsoTCPv4))
  }

  @Test func `tells the port of a guest that is cut off`() throws {
    let guest = try TestGuest(machine, domain: 1)
    let process = try ServingProcess(machine, ports)
    try guest.connect()
    let queue = guest.front.queues[0]
    queue.tx.put(
      TxRequest(grant: queue.txPages.grant(of: 0), offset: 4000, flags: [], id: 0, size: 200))
    #expect(ports.ports[guest.place]?.isCutOff == false)
    queue.tx.publish()
    machine.settle()
    #expect(ports.ports[guest.place]?.isCutOff == true)
    guard case .cutOff = process.news[guest.place]?.last else {
      Issue.record("\(process.news)")
      return
    }
  }

  @Test func `leaves frames where they are while the guest has no room, and loses none`() throws {
    let guest = try TestGuest(machine, domain: 1)
    let process = try ServingProcess(machine, ports)
    try guest.connect()
    let port = try #require(ports.ports[guest.place])
    port.inbox = (0..<300).map { ethernet(from: UInt8($0 & 127), to: 1, 60000) }
    for _ in 0..<20 { _ = process.server.step(now: machine.loop.now) }
    #expect(port.inbox.count > 280)
    #expect(!port.isAwaited)
    var received = 0
    for _ in 0..<2000 where received < 300 {
      received += try guest.received().count
      machine.settle(10_000)
    }
    #expect(received == 300)
    #expect(port.isAwaited)
    #expect(process.server.vifs.first?.toGuest.refused == 0)
  }

  @Test func `drops frames for a guest that is not connected`() throws {
    let guest = try TestGuest(machine, domain: 1)
    let process = try ServingProcess(machine, ports)
    machine.settle()
    let port = try #require(ports.ports[guest.place])
    port.inbox = (0..<300).map { _ in ethernet(from: 9, to: 1) }
    for _ in 0..<5 { _ = process.server.step(now: machine.loop.now) }
    #expect(port.inbox.isEmpty && port.isAwaited)
    #expect(process.server.vifs.first?.toGuest.refused == 300)
  }

  @Test func `goes on with the others when there is no port for one`() throws {
    let guests = try (1...3).map { try TestGuest(machine, domain: $0) }
    ports.withoutPort = [guests[1].place]
    let process = try ServingProcess(machine, ports)
    try guests[0].connect()
    try guests[2].connect()
    #expect(process.news[guests[1].place] == [.hasNoPort(.noInterface)])
  }

  @Test func `serves no other than it is told to`() throws {
    let guests = try (1...3).map { try TestGuest(machine, domain: $0) }
    let process = try ServingProcess(machine, ports, only: [guests[1].place])
    machine.settle()
    #expect(process.server.vifs.map(\.place) == [guests[1].place])
    #expect(guests[0].front.backendState == .initialising)
  }

  @Test func `that is killed has a successor that takes all over`() throws {
    var process: ServingProcess? = try ServingProcess(machine, ports)
    let guests = try (1...3).map { try TestGuest(machine, domain: $0) }
    for guest in guests { try guest.connect() }
    process = nil
    for guest in guests { try guest.send(ethernet(from: 1, to: 2)) }
    machine.settle()
    #expect(machine.counters.mappedPages == 0)
    let successor = try ServingProcess(machine, ports)
    machine.settle()
    for guest in guests {
      #expect(successor.news[guest.place] == [.appeared, .takenOver(queues: 1, answered: 0)])
      #expect(ports.ports[guest.place]?.frames == [ethernet(from: 1, to: 2)])
    }
    _ = process
  }

  @Test func `that ends closes all and leaves nothing behind`() throws {
    let process = try ServingProcess(machine, ports)
    let guests = try (1...3).map { try TestGuest(machine, domain: $0) }
    for guest in guests { try guest.connect() }
    process.server.end()
    #expect(guests.allSatisfy { $0.front.backendState == .closed })
    #expect(guests.allSatisfy { ports.ports[$0.place]?.isRetired == true })
    #expect(machine.counters.mappedPages == 0)
    #expect(process.server.vifs.isEmpty)
  }

  @Test func `that hands over leaves all connected`() throws {
    var process: ServingProcess? = try ServingProcess(machine, ports)
    let guest = try TestGuest(machine, domain: 1)
    try guest.connect()
    process?.server.handOver()
    process = nil
    #expect(guest.front.backendState == .connected)
    #expect(ports.ports[guest.place]?.isRetired == false)
    let successor = try ServingProcess(machine, ports)
    machine.settle()
    #expect(successor.news[guest.place]?.last == .takenOver(queues: 1, answered: 0))
  }
}
