import Netback
import Netfront
import Netif
import PacketCapture
import Server
import SimulatedXen
import Testing
import XenInterface

@Suite struct `A switch` {
  private let machine = SimulatedMachine(seed: 8)

  private func connectedGuests(
    _ count: UInt16, _ ports: SwitchPorts, path: DataPath = .copy
  ) throws -> (ServingProcess, [TestGuest]) {
    let process = try ServingProcess(machine, ports, path: path)
    let guests = try (1...count).map { try TestGuest(machine, domain: $0) }
    for guest in guests {
      try guest.connect()
      guest.offerPages()
    }
    return (process, guests)
  }

  @Test func `sends to where an address was seen, and elsewhere to all others`() throws {
    let uplink = TestPort()
    let (process, guests) = try connectedGuests(3, SwitchPorts(uplink: uplink))
    // Nobody knows address 2: everybody gets the frame but its sender.
    try guests[0].send(ethernet(from: 1, to: 2))
    machine.settle()
    #expect(try guests.map { try $0.received().count } == [0, 1, 1])
    #expect(uplink.frames.count == 1)
    // Address 1 is known.
    try guests[1].send(ethernet(from: 2, to: 1))
    machine.settle()
    #expect(try guests.map { try $0.received().count } == [1, 0, 0])
    try guests[0].send(ethernet(from: 1, to: 0xff))
    machine.settle()
    #expect(try guests.map { try $0.received().count } == [0, 1, 1])
    #expect(uplink.frames.count == 2)
    uplink.inbox = [ethernet(from: 9, to: 2)]
    _ = process.server.step(now: machine.loop.now)
    machine.settle()
    #expect(try guests.map { try $0.received().count } == [0, 1, 0])
    try guests[2].send(ethernet(from: 3, to: 9))
    machine.settle()
    #expect(uplink.frames.last == ethernet(from: 3, to: 9))
    #expect(try guests.map { try $0.received().count } == [0, 0, 0])
  }

  @Test func `hands what comes from the host on together`() throws {
    let uplink = TestPort()
    let (process, guests) = try connectedGuests(2, SwitchPorts(uplink: uplink))
    let frames = (0..<60).map { ethernet(from: 9, to: UInt8(1 + $0 % 2), 60 + $0) }
    for guest in guests { try guest.send(ethernet(from: guest === guests[0] ? 1 : 2, to: 9)) }
    machine.settle()
    for guest in guests { _ = try guest.received() }
    uplink.inbox = frames
    let before = machine.counters
    _ = process.server.step(now: machine.loop.now)
    machine.settle()
    #expect(machine.counters.copyOperations - before.copyOperations == 60)
    #expect(machine.counters.copyCalls - before.copyCalls == 2)
    for (place, guest) in guests.enumerated() {
      let wanted = frames.enumerated().filter { $0.offset % 2 == place }.map(\.element)
      #expect(try guest.received().map(\.octets) == wanted)
    }
  }

  @Test(arguments: DataPath.allCases)
  func `lets frames cross with what travels beside them`(_ path: DataPath) throws {
    let (process, guests) = try connectedGuests(2, SwitchPorts(), path: path)
    let offload = FrameOffload(
      checksum: .partial, segmentation: Segmentation(size: 1400, type: Segmentation.tcpv4))
    let octets = frame(4, payload: 30000)
    try guests[0].send(octets, offload)
    machine.settle()
    let received = try guests[1].received()
    #expect(received.map(\.octets) == [octets])
    #expect(received.map(\.offload) == [offload])
    #expect(process.server.vifs.map(\.fromGuest.unsegmented) == [1, 0])
    #expect(process.server.vifs.map(\.toGuest.unsegmented) == [0, 1])
  }

  @Test func `forgets a vif that goes`() throws {
    let (process, guests) = try connectedGuests(3, SwitchPorts())
    try guests[1].send(ethernet(from: 2, to: 0xff))
    machine.settle()
    try guests[1].vanish()
    machine.settle()
    for guest in [guests[0], guests[2]] { _ = try guest.received() }
    try guests[0].send(ethernet(from: 1, to: 2))
    machine.settle()
    #expect(try guests[2].received().count == 1)
    #expect(process.server.vifs.count == 2)
  }

  @Test(arguments: DataPath.allCases)
  func `maps no payload for a frame from guest to guest where it is mapped lazily`(
    _ path: DataPath
  ) throws {
    let (process, guests) = try connectedGuests(2, SwitchPorts(), path: path)
    let before = machine.counters
    for _ in 0..<5 {
      try guests[0].send(frame(4, payload: 30000))
      machine.settle()
      #expect(try guests[1].received().map(\.octets) == [frame(4, payload: 30000)])
    }
    let (forwarded, maps) = (
      process.server.vifs[1].device.vif.context.statistics.rxForwarded,
      machine.counters.mapOperations - before.mapOperations
    )
    #expect(forwarded == 5)
    #expect(maps == (path == .map || path == .mapLarge ? 5 * 8 : 0))
    #expect(machine.counters.mappedPages == before.mappedPages)
  }

  @Test(arguments: [DataPath.map, .lazy])
  func `keeps frames for a guest without room, and not the sender's pages`(_ path: DataPath)
    throws
  {
    let (process, guests) = try connectedGuests(2, SwitchPorts(), path: path)
    let mapped = machine.counters.mappedPages
    // 256 pages are offered, and each frame needs 8.
    for _ in 0..<34 {
      try guests[0].send(frame(4, payload: 30000))
      machine.settle()
      #expect(try guests[0].senders[0].collect().count == 8)
    }
    #expect(machine.counters.mappedPages == mapped)
    let statistics = process.server.vifs[1].device.vif.context.statistics
    #expect((statistics.rxForwarded, statistics.rxPackets) == (32, 32))
    #expect(try guests[1].received().count == 32)
    machine.settle()
    #expect(try guests[1].received().count == 2)
  }

  @Test func `cuts frames for a guest that cannot`() throws {
    let process = try ServingProcess(machine, SwitchPorts(), path: .lazy)
    let guests = try [1, 2].map { try TestGuest(machine, domain: $0) }
    try guests[0].connect()
    try guests[1].connect(
      NetfrontOptions(txPages: 256, rxPages: 256, extraKeys: ["feature-gso-tcpv4": "0"]))
    guests[1].offerPages()
    let offload = FrameOffload(
      checksum: .partial, segmentation: Segmentation(size: 1400, type: Segmentation.tcpv4))
    try guests[0].send(frame(4, payload: 2800), offload)
    machine.settle()
    #expect(try guests[1].received().count == 2)
    #expect(process.server.vifs[1].device.vif.context.statistics.rxForwarded == 0)
  }
}
