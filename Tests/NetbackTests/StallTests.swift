import Netback
import Netfront
import Netif
import SimulatedXen
import Testing
import XenInterface
import XenRing

@Suite struct `A guest that offers no pages` {
  private static let second: UInt64 = 1_000_000_000

  private func connected(notifies: Bool = true, queues: Int = 1) throws -> BackendWorld {
    let world = try BackendWorld()
    var options = NetfrontOptions()
    options.queues = queues
    options.extraKeys = ["feature-rx-notify": notifies ? "1" : "0"]
    try world.connect(options)
    return world
  }

  private func wait(_ world: BackendWorld, _ nanoseconds: UInt64) {
    _ = world.machine.loop.run(
      until: world.machine.loop.now.advanced(by: nanoseconds), unless: { false })
  }

  @Test(arguments: [(true, 10 * second), (false, second * 3 / 100)])
  func `R-34: a frame expires, sooner where the guest does not tell of requests`(
    _ notifies: Bool, _ timeout: UInt64
  ) throws {
    let world = try connected(notifies: notifies)
    let rx = world.device.vif.queues[0].rx
    #expect(world.send(pattern(60)))
    wait(world, timeout - 1)
    #expect(rx.waitingFrames == 1)
    wait(world, 2)
    #expect(rx.waitingFrames == 0)
    #expect(world.device.vif.context.statistics.rxExpired == 1)
  }

  @Test func `R-33: one page for a frame of two stalls the queue after a minute`() throws {
    let world = try connected()
    let receiver = RxReceiver(world.front.queues[0])
    receiver.refill(limit: 1)
    for _ in 0..<7 {
      #expect(world.device.vif.context.hasCarrier)
      #expect(world.send(pattern(5000)))
      wait(world, 9 * Self.second)
    }
    #expect(!world.device.vif.context.hasCarrier)
    #expect(!world.send(pattern(5000)))
    receiver.refill(limit: 1)
    world.settle()
    #expect(world.device.vif.context.hasCarrier)
    #expect(world.send(pattern(60)))
  }

  @Test func `a queue that stalls stops the whole vif, until all are ready`() throws {
    let world = try connected(queues: 2)
    for _ in 0..<7 {
      for queue in 0..<2 { _ = world.send(pattern(60), queue: queue) }
      wait(world, 9 * Self.second)
    }
    #expect(!world.device.vif.context.hasCarrier)
    let receivers = world.front.queues.map { RxReceiver($0) }
    receivers[0].refill()
    world.settle()
    #expect(!world.device.vif.context.hasCarrier)
    receivers[1].refill()
    world.settle()
    #expect(world.device.vif.context.hasCarrier)
  }

  @Test func `an idle queue does not stall, nor one whose guest does not tell of requests`() throws
  {
    let idle = try connected()
    wait(idle, 300 * Self.second)
    #expect(idle.device.vif.context.hasCarrier)
    let silent = try connected(notifies: false)
    for _ in 0..<7 {
      #expect(silent.send(pattern(60)))
      wait(silent, 20 * Self.second)
    }
    #expect(silent.device.vif.context.hasCarrier)
  }

  @Test func `a reconnect begins with carrier`() throws {
    let world = try connected()
    for _ in 0..<7 {
      _ = world.send(pattern(60))
      wait(world, 9 * Self.second)
    }
    #expect(!world.device.vif.context.hasCarrier)
    try world.front.close(until: world.later)
    try world.connect()
    #expect(world.device.vif.context.hasCarrier)
    #expect(world.send(pattern(60)))
  }
}
