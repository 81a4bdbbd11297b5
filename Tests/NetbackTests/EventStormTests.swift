import Netback
import Netfront
import SimulatedXen
import Testing
import XenInterface
import XenRing

/// Sends events all the time, and counts how often its backend is woken.
private final class Storm: Worker {
  let notify: () -> Void
  private(set) var events = 0

  init(_ notify: @escaping () -> Void) { self.notify = notify }

  func step(now: MonotonicInstant) -> MonotonicInstant? {
    notify()
    events += 1
    return now.advanced(by: 500_000)
  }
}

/// A backend whose steps are counted.
private final class Counted: Worker {
  let worker: NetbackWorker
  private(set) var steps = 0

  init(_ worker: NetbackWorker) { self.worker = worker }

  func step(now: MonotonicInstant) -> MonotonicInstant? {
    steps += 1
    return worker.step(now: now)
  }
}

@Suite struct `A storm of events` {
  private static let second: UInt64 = 1_000_000_000

  /// A storm over three seconds on one of the guest's ports.
  private func weather(on port: String) throws -> (BackendWorld, Storm, Counted) {
    let world = try BackendWorld()
    try world.connect(NetfrontOptions(controlRing: true))
    let queue = world.front.queues[0]
    let control = try #require(world.front.control).ring
    let storm = Storm {
      switch port {
      case "tx": queue.tx.notify()
      case "rx": queue.rx.notify()
      default: control.notify()
      }
    }
    let counted = Counted(world.worker)
    world.machine.loop.remove(world.worker)
    world.machine.loop.add(counted)
    world.machine.loop.add(storm)
    _ = world.machine.loop.run(until: world.machine.loop.now.advanced(by: 3 * Self.second)) {
      false
    }
    return (world, storm, counted)
  }

  @Test(arguments: ["tx", "rx", "control"])
  func `R-38: wakes the backend a few times only`(port: String) throws {
    let (_, storm, counted) = try weather(on: port)
    #expect(storm.events > 5_000)
    #expect(counted.steps < 60, "\(counted.steps) steps")
  }

  @Test(arguments: ["tx", "rx", "control"])
  func `R-38: delays a packet by a second at most, and not at all on another port`(
    port: String
  ) throws {
    let (world, _, _) = try weather(on: port)
    let queue = world.front.queues[0]
    let sender = TxSender(queue)
    for round in 0..<3 {
      _ = try sender.send(pattern(60).span.octets)
      queue.tx.publish(.always)
      let start = world.machine.loop.now
      let limit = port == "tx" && round == 0 ? Self.second * 11 / 10 : Self.second / 100
      let isAnswered = world.machine.loop.run(until: start.advanced(by: limit)) {
        world.sink.frames.count == round + 1
      }
      #expect(isAnswered, "round \(round)")
      #expect(try sender.collect().count == 1)
    }
  }

  @Test func `R-38: is over with a request that it brings`() throws {
    let (world, storm, counted) = try weather(on: "tx")
    world.machine.loop.remove(storm)
    let queue = world.front.queues[0]
    let sender = TxSender(queue)
    _ = try sender.send(pattern(60).span.octets)
    queue.tx.publish(.always)
    _ = world.machine.loop.run(until: world.machine.loop.now.advanced(by: 2 * Self.second)) {
      false
    }
    #expect(try sender.collect().count == 1)
    let before = counted.steps
    for _ in 0..<100 {
      _ = try sender.send(pattern(60).span.octets)
      #expect(queue.tx.publish())
      world.settle()
      #expect(try sender.collect().count == 1)
    }
    #expect(counted.steps >= before + 100)
  }
}
