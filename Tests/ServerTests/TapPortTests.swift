import Foundation
import Netback
import Netfront
import PacketCapture
import Server
import SimulatedXen
import Testing
import XenHost
import XenInterface
import XenRing

/// Whether this process may make tap devices.
private let canMakeTaps = (try? FrameLink(tap: "rs-probe2")) != nil

extension FrameLink {
  /// Sends a frame of one of 256 flows.
  fileprivate func send(flow: UInt8) -> Int {
    var octets = frame(4)
    octets[34] = flow
    var header: [UInt8] = []
    VnetHeader().append(to: &header)
    return send(headers: header, bounds: [0, UInt32(octets.count)], octets: octets.span.octets)
  }
}

@Suite(.serialized, .enabled(if: canMakeTaps, "needs the right to make tap devices"))
struct `A tap device of a vif` {
  private let ports = TapPorts("rs%d.%h", loop: HostLoop())
  private let place = VifPlace(
    domain: DomainID(rawValue: 9), handle: VifHandle(rawValue: 3))
  private let name = "rs9.3"
  private let machine = SimulatedMachine(seed: 10)

  @Test func `outlives its process, and goes with the vif`() throws {
    _ = try ports.makePort(for: place)
    #expect(NetworkInterface.alias(of: name) == TapPorts.alias)
    try ports.makePort(for: place).retire()
    #expect(!NetworkInterface.exists(name))
  }

  @Test func `has no carrier while its guest is cut off`() throws {
    let port = try ports.makePort(for: place)
    defer { port.retire() }
    try NetworkInterface.setUp(name)
    #expect(carrier == "1")
    port.cutOff()
    #expect(carrier == "0")
    port.connected([])
    #expect(carrier == "1")
  }

  private var carrier: String? {
    try? String(contentsOfFile: "/sys/class/net/\(name)/carrier", encoding: .utf8)
      .trimmingCharacters(in: .newlines)
  }

  @Test func `that was there before stays`() throws {
    do {
      let link = try FrameLink(tap: name)
      try link.persist(true)
    }
    try ports.makePort(for: place).retire()
    #expect(NetworkInterface.alias(of: name) == "")
    try FrameLink(tap: name).persist(false)
    #expect(!NetworkInterface.exists(name))
  }

  @Test func `with queues outlives its process as well, and goes with the vif`() throws {
    let threads = try WorkerThreads(count: 2) { [machine] _ in machine.connect(.control) }
    let ports = TapPorts("rs%d.%h", loop: HostLoop(), threads: threads)
    do {
      let port = try #require(try ports.makePort(for: place) as? any DividedPort)
      #expect(try port.openEnd(of: 0) === port)
      _ = try port.openEnd(of: 1)
    }
    #expect(NetworkInterface.alias(of: name) == TapPorts.alias)
    try ports.makePort(for: place).retire()
    #expect(!NetworkInterface.exists(name))
  }

  /// The device wakes the threads; the guest's events, which no descriptor tells of, do not.
  @Test func `brings frames to every queue of a guest, by the thread that serves it`() throws {
    let threads = try WorkerThreads(count: 2) { [machine] _ in machine.connect(.control) }
    let server = try VifServer(
      xen: machine.connect(.control),
      ports: TapPorts("rs%d.%h", loop: HostLoop(), threads: threads),
      pool: threads.pool)
    machine.loop.add(server)
    let guest = try TestGuest(machine, domain: 9, handle: 3)
    try guest.connect(NetfrontOptions(queues: 2, txPages: 256, rxPages: 256))
    guest.offerPages()
    #expect(threads.pool.loads.map(\.queues) == [1, 1])
    let outside = try FrameLink(interface: name)
    var received = [0, 0]
    for round in 0..<500 where received.contains(0) {
      #expect(outside.send(flow: UInt8(truncatingIfNeeded: round)) == 1)
      usleep(2000)
      for queue in 0..<2 {
        // The device has something to say by itself, too.
        received[queue] += try guest.received(queue: queue).count { $0.octets[12] == 8 }
      }
    }
    #expect(!received.contains(0))
    try guest.close()
    machine.settle()
    #expect(threads.pool.loads.map(\.queues) == [0, 0])
    server.end()
    threads.end()
    #expect(!NetworkInterface.exists(name))
  }

  @Test func `has a name that the system can hold`() {
    let long = TapPorts("a-name-that-is-too-long.%d", loop: HostLoop())
    #expect(throws: CaptureError.noInterface) { _ = try long.makePort(for: place) }
  }
}

@Test(arguments: [("vif%d.%h", "vif9.3"), ("%d%%%h%x%", "9%3x"), ("plain", "plain")])
func `a pattern names a vif`(pattern: String, name: String) {
  let place = VifPlace(domain: DomainID(rawValue: 9), handle: VifHandle(rawValue: 3))
  #expect(place.filled(into: pattern) == name)
}
