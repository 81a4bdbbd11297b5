import Netback
import Netfront
import Netif
import SimulatedXen
import Testing
import XenInterface
import XenRing

@Suite struct `A vif's life on xenbus` {
  private func backendState(_ world: BackendWorld) -> XenbusState { world.front.backendState }

  @Test func `the backend writes its features and waits`() throws {
    let world = try BackendWorld()
    world.settle()
    #expect(backendState(world) == .initWait)
    #expect(world.front.offer.receiveByCopy)
    #expect(world.front.offer.maximumQueues == 8)
  }

  @Test func `Connected waits for the hotplug script`() throws {
    let world = try BackendWorld()
    try world.front.open()
    world.settle()
    #expect(backendState(world) == .initWait)
    try world.directories.reportHotplug()
    world.settle()
    #expect(backendState(world) == .connected)
  }

  @Test(arguments: [1, 2, 8], [true, false])
  func `a frontend connects, closes and leaves nothing behind`(queues: Int, split: Bool) throws {
    let world = try BackendWorld()
    var options = NetfrontOptions()
    options.queues = queues
    options.splitEventChannels = split
    try world.connect(options)
    #expect(backendState(world) == .connected)
    #expect(world.device.vif.queues.count == queues)
    #expect(world.machine.counters.mappedPages == 2 * queues)
    try world.front.close(until: world.later)
    #expect(backendState(world) == .closed)
    #expect(world.machine.counters.mappedPages == 0)
    #expect(world.machine.counters.grantedPages == 0)
    #expect(world.machine.counters.openPorts == 0)
  }

  @Test(arguments: [256, 257] as [UInt32], [0, 7, .max - 100] as [UInt32])
  func `R-40: a ring may be attached full, not fuller`(_ ahead: UInt32, _ start: UInt32) throws {
    let world = try BackendWorld()
    var options = NetfrontOptions()
    options.txStart = RingIndex(rawValue: start)
    try world.directories.reportHotplug()
    try world.front.open(options)
    let tx = world.front.queues[0].tx
    tx.publish(claiming: RingIndex(rawValue: start).advanced(by: ahead), .never)
    world.settle()
    let violation = RingViolation.producerTooFar(distance: ahead, limit: 256)
    #expect(world.device.failure == (ahead == 256 ? nil : .ring(violation)))
    #expect(world.front.backendState == (ahead == 256 ? .connected : .closing))
    #expect(world.machine.counters.mappedPages == (ahead == 256 ? 2 : 0))
    #expect(!world.device.vif.context.isDisabled)
  }

  @Test func `a frontend connects again after a close`() throws {
    let world = try BackendWorld()
    for _ in 0..<3 {
      try world.connect()
      #expect(try world.exchange() == [.okay])
      try world.front.close(until: world.later)
    }
    #expect(world.sink.frames.count == 3)
  }

  @Test func `credit begins with the connection, and follows its key`() throws {
    let world = try BackendWorld(backendKeys: ["rate": "1000,2000000"])
    let later = world.machine.loop.now.advanced(by: 5_000_000_000)
    _ = world.machine.loop.run(until: later) { false }
    try world.connect()
    let sender = TxSender(world.front.queues[0])
    for _ in 0..<2 { _ = try sender.send(pattern(600).span.octets) }
    world.front.queues[0].tx.publish()
    world.settle()
    #expect(try sender.collect().count == 1)
    try world.machine.connect(.control).store.write(
      world.path.backend + "/rate", "2000,2000000")
    world.settle()
    #expect(try sender.collect().count == 1)
  }

  @Test func `a vif that is taken away lets go of everything`() throws {
    let world = try BackendWorld()
    try world.connect()
    try world.directories.remove(through: world.machine.loop, until: world.later)
    world.settle()
    #expect(world.machine.counters.mappedPages == 0)
    #expect(world.front.backendState == .unknown)
  }

  @Test(arguments: [XenbusState.closing, .closed])
  func `a toolstack's Closing is heeded though the frontend closes at the same time`(
    _ state: XenbusState
  ) throws {
    let world = try BackendWorld()
    try world.connect()
    let toolstack = world.machine.connect(.control).store
    try world.front.publish(state)
    try toolstack.write([
      StoreWrite(world.path.backend + "/online", "0"),
      StoreWrite(world.path.backend + "/state", "\(XenbusState.closing.rawValue)"),
    ])
    world.settle()
    #expect(backendState(world) == .closed)
    #expect(world.machine.counters.mappedPages == 0)
  }

  @Test func `a backend that the toolstack has closed stays closed`() throws {
    let world = try BackendWorld()
    world.settle()
    try world.machine.connect(.control).store.write(
      world.path.backend + "/state", "\(XenbusState.closing.rawValue)")
    world.settle()
    #expect(backendState(world) == .closed)
  }

  @Test
  func `a frontend that connects out of Closed is told InitWait until the hotplug script is done`()
    throws
  {
    let world = try BackendWorld()
    world.settle()
    try world.front.publish(.closed)
    world.settle()
    #expect(backendState(world) == .closed)
    try world.front.open()
    world.settle()
    #expect(backendState(world) == .initWait)
    try world.directories.reportHotplug()
    world.settle()
    #expect(backendState(world) == .connected)
  }

  @Test func `a frontend that wants to reconfigure before it has rings connects afterwards`() throws
  {
    let world = try BackendWorld()
    world.settle()
    try world.front.publish(.reconfiguring)
    world.settle()
    #expect(backendState(world) == .reconfigured)
    try world.directories.reportHotplug()
    try world.front.open()
    world.settle()
    #expect(backendState(world) == .connected)
    #expect(try world.exchange() == [.okay])
  }

  @Test func `a directory that is gone is not written to again`() throws {
    let world = try BackendWorld()
    try world.connect()
    let toolstack = world.machine.connect(.control).store
    try toolstack.remove(world.path.frontend)
    try toolstack.remove(world.path.backend)
    world.settle()
    #expect(throws: StoreError.notFound) { try toolstack.read(world.path.backend + "/state") }
    #expect(world.machine.counters.mappedPages == 0)
  }

  @Test(arguments: ["tx-ring-ref", "rx-ring-ref", "event-channel-tx"])
  func `R-41: a key that is missing ends the attempt, and all is given back`(key: String) throws {
    let world = try BackendWorld()
    var options = NetfrontOptions()
    options.omittedKeys = [key]
    #expect(throws: NetfrontError.self) { try world.connect(options) }
    world.settle()
    #expect(world.device.failure != nil)
    #expect(world.machine.counters.mappedPages == 0)
    #expect(world.device.vif.queues.isEmpty)
  }

  @Test(arguments: ["0", "9", "4294967295"])
  func `R-41: a number of queues that was not offered is refused`(count: String) throws {
    let world = try BackendWorld()
    var options = NetfrontOptions()
    options.extraKeys = ["multi-queue-num-queues": count]
    #expect(throws: NetfrontError.self) { try world.connect(options) }
    #expect(world.device.failure == .badQueueCount(try #require(UInt32(count))))
    #expect(world.machine.counters.mappedPages == 0)
  }

  @Test(arguments: [UInt32(0), 1000, .max &- 5, .max])
  func `rings are taken up at the index they are at`(start: UInt32) throws {
    let world = try BackendWorld()
    var options = NetfrontOptions()
    options.txStart = RingIndex(rawValue: start)
    options.rxStart = RingIndex(rawValue: start)
    try world.connect(options)
    let sender = TxSender(world.front.queues[0])
    for _ in 0..<20 { _ = try sender.send(pattern(60).span.octets) }
    world.front.queues[0].tx.publish()
    world.settle()
    #expect(try sender.collect().count == 20)
    #expect(world.sink.frames.count == 20)
  }

  @Test func `a violation disables its own vif and nothing else`() throws {
    let world = try BackendWorld()
    try world.connect()
    let other = try BackendWorld()
    try other.connect()
    _ = world.front.queues[0].tx.publish(claiming: RingIndex(rawValue: 257), .always)
    world.settle()
    #expect(
      world.device.vif.context.violation
        == .ring(.producerTooFar(distance: 257, limit: 256)))
    #expect(backendState(world) == .connected)
    #expect(!other.device.vif.context.isDisabled)
  }
}
