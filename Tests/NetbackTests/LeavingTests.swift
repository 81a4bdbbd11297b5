import Netback
import Netfront
import Netif
import SimulatedXen
import Testing
import XenInterface
import XenRing

/// How a guest's connection ends.
enum Departure: CaseIterable, Sendable {
  case closes, closesAtOnce, vanishes, dies, isTakenAway, isClosedByToolstack

  func take(_ world: BackendWorld) throws {
    let toolstack = world.machine.connect(.control).store
    switch self {
    case .closes: try world.front.close(until: world.later)
    case .closesAtOnce:
      world.front.abandon()
      try world.front.publish(.closed)
    case .vanishes:
      world.front.abandon()
      try world.directories.remove(through: world.machine.loop, until: world.later)
    case .dies:
      world.machine.destroy(DomainID(rawValue: 1))
      world.settle()
      #expect(world.machine.counters.mappedPages == 4)
      world.front.abandon()
    case .isTakenAway:
      try toolstack.remove(world.path.frontend)
      try toolstack.remove(world.path.backend)
      world.settle()
      world.front.abandon()
    case .isClosedByToolstack:
      try toolstack.write(world.path.backend + "/state", "5")
      world.settle()
      world.front.abandon()
    }
    world.settle()
  }
}

/// Another guest of the same backend, with two queues.
private struct Bystander {
  let world: BackendWorld
  let front: Netfront
  let device: VifDevice
  let sink = CollectingSink()

  init(_ world: BackendWorld) throws {
    self.world = world
    let domain = DomainID(rawValue: 2)
    let path = VifPath(frontendDomain: domain, handle: VifHandle(rawValue: 5))
    front = Netfront(path, xen: world.machine.connect(domain), loop: world.machine.loop)
    let directories = VifDirectories(path, store: world.machine.connect(.control).store)
    try directories.create()
    try directories.reportHotplug()
    device = try VifDevice(
      configuration: VifConfiguration(domain: domain, handle: path.handle), xen: world.xen,
      sink: sink)
    world.worker.add(device)
    try front.connect(NetfrontOptions(queues: 2), until: world.later)
  }

  func expectTraffic() throws {
    for (number, queue) in front.queues.enumerated() {
      let before = sink.frames.count
      let sender = TxSender(queue)
      _ = try sender.send(pattern(60).span.octets)
      queue.tx.publish()
      let receiver = RxReceiver(queue)
      receiver.refill(limit: 1)
      let now = world.machine.loop.now
      let frame = pattern(90)
      let isTaken = device.vif.send(
        frame.span.octets, offload: FrameOffload(), queue: number, now: now)
      #expect(isTaken)
      world.settle()
      _ = device.poll(now: now)
      #expect(try sender.collect().map(\.status) == [.okay])
      #expect(sink.frames.count == before + 1)
      #expect(try receiver.receive().map { try $0.get().octets } == [frame])
    }
  }
}

@Suite struct `A guest that goes in the midst of traffic` {
  @Test(arguments: Departure.allCases, [(1, true), (1, false), (3, true), (3, false)])
  func `leaves no grant, no mapping and no port, and the other guest goes on`(
    _ departure: Departure, _ way: (queues: Int, isSplit: Bool)
  ) throws {
    let world = try BackendWorld()
    try world.directories.reportHotplug()
    let bystander = try Bystander(world)
    let before = world.machine.counters
    try world.connect(
      NetfrontOptions(queues: way.queues, splitEventChannels: way.isSplit, controlRing: true))
    for (number, queue) in world.front.queues.enumerated() {
      let sender = TxSender(queue)
      for _ in 0..<20 { _ = try sender.send(pattern(6000).span.octets) }
      queue.tx.publish(.always)
      for _ in 0..<20 { #expect(world.send(pattern(60), queue: number)) }
      for _ in 0..<5 { _ = try sender.send(pattern(60).span.octets) }
      queue.tx.publish(.always)
    }
    try departure.take(world)
    let after = world.machine.counters
    #expect(after.mappedPages == before.mappedPages)
    #expect(after.grantedPages == before.grantedPages)
    #expect(after.openPorts == before.openPorts)
    #expect(world.device.vif.queues.isEmpty && world.device.vif.control == nil)
    #expect(!world.send(pattern(60)))
    try bystander.expectTraffic()
  }
}
