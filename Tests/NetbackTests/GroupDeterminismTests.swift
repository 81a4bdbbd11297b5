import Netback
import Netfront
import Netif
import SimulatedXen
import TestSupport
import Testing
import XenInterface
import XenRing

/// What went through one queue, both ways.
private struct QueueLog: Equatable {
  var delivered: [[UInt8]] = []
  var answers: [TxSlot] = []
  var received: [[UInt8]] = []
}

/// A guest's driver and its network: both send frames that their seed decides whenever there is room.
private final class Traffic: Worker {
  private static let frames = 40

  private let guest: GroupGuest
  private let world: GroupWorld
  private let senders: [TxSender]
  private let receivers: [RxReceiver]
  private var outward: [SeededGenerator]
  private var inward: [SeededGenerator]
  private var sent: [Int]
  private var fed: [Int]
  private(set) var logs: [QueueLog]

  init(_ guest: GroupGuest, seed: UInt64, in world: GroupWorld) {
    self.guest = guest
    self.world = world
    let queues = guest.front.queues
    senders = queues.map { TxSender($0) }
    receivers = queues.map { RxReceiver($0) }
    outward = queues.indices.map { SeededGenerator(seed: seed &* 64 &+ UInt64($0)) }
    inward = queues.indices.map { SeededGenerator(seed: ~seed &* 64 &+ UInt64($0)) }
    sent = queues.map { _ in 0 }
    fed = sent
    logs = queues.map { _ in QueueLog() }
  }

  var isDone: Bool {
    logs.allSatisfy { $0.received.count == Self.frames }
      && senders.allSatisfy { $0.outstanding == 0 } && sent.allSatisfy { $0 == Self.frames }
  }

  func step(now: MonotonicInstant) -> MonotonicInstant? {
    while guest.front.xen.events.takePending() != nil {}
    for queue in logs.indices { do { try turn(queue, now: now) } catch { return nil } }
    return isDone ? nil : now.advanced(by: 20_000)
  }

  private func turn(_ queue: Int, now: MonotonicInstant) throws {
    for answer in try senders[queue].collect() {
      logs[queue].answers.append(TxSlot(id: answer.id, status: answer.status))
    }
    for frame in try receivers[queue].receive() {
      logs[queue].received.append(try frame.get().octets)
    }
    receivers[queue].refill()
    let front = guest.front.queues[queue]
    while sent[queue] < Self.frames, front.txPages.available >= 18, front.tx.freeRequests >= 20 {
      _ = try senders[queue].send(Self.next(&outward[queue]).span.octets)
      sent[queue] += 1
    }
    front.tx.publish()
    while fed[queue] < Self.frames, guest.device.vif.queues[queue].rx.room > 0 {
      _ = guest.receive(Self.next(&inward[queue]), queue: queue, now: now)
      fed[queue] += 1
    }
    // It does not know which group serves the queue.
    for group in world.groups { world.machine.loop.wake(group) }
  }

  private static func next(_ random: inout SeededGenerator) -> [UInt8] {
    let length = Int.random(in: 14...4500, using: &random)
    return pattern(length, from: UInt8.random(in: 0...255, using: &random))
  }

  /// What went through, the sink's part of it sorted by queue.
  var log: [QueueLog] {
    var logs = logs
    for frame in guest.sink.frames { logs[Int(frame.queue)].delivered.append(frame.octets) }
    return logs
  }
}

private func logs(groups: Int, seed: UInt64) throws -> ([[QueueLog]], MonotonicInstant) {
  let world = GroupWorld(groups: groups, seed: seed)
  let guests = try (1...3).map { try world.connect($0, queues: 2) }
  let traffic = guests.enumerated().map { Traffic($1, seed: seed &+ UInt64($0), in: world) }
  for worker in traffic { world.machine.loop.add(worker) }
  // They hold the world, whose loop holds them.
  defer { for worker in traffic { world.machine.loop.remove(worker) } }
  let isDone = world.machine.loop.run(until: world.later) { traffic.allSatisfy(\.isDone) }
  #expect(isDone)
  return (traffic.map(\.log), world.machine.loop.now)
}

@Test(arguments: [1, 99] as [UInt64])
func `the same seed gives the same octets with any number of groups`(seed: UInt64) throws {
  let (one, _) = try logs(groups: 1, seed: seed)
  #expect(one.joined().allSatisfy { $0.delivered.count == 40 && $0.received.count == 40 })
  for groups in [2, 4] {
    let (other, _) = try logs(groups: groups, seed: seed)
    #expect(one == other, "\(groups) groups")
  }
}

@Test func `the same seed and groups give the same run`() throws {
  let (first, end) = try logs(groups: 4, seed: 5)
  let (second, other) = try logs(groups: 4, seed: 5)
  #expect(first == second && end == other)
}
