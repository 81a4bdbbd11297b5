import Netback
import Netfront
import Netif
import SimulatedXen
import TestSupport
import Testing
import XenInterface
import XenRing

/// How a guest behaves towards its backend.
enum Neighbour: CaseIterable, Sendable {
  case silent, honest, stalls, floods, storms, breaksTheRules, claimsTooMuch, reconnects
}

/// A guest whose group does not have the one that is watched.
private final class NeighbourGuest {
  private let kind: Neighbour
  private let world: GroupWorld
  let guest: GroupGuest
  private let sender: TxSender
  private let receiver: RxReceiver
  private let (short, long) = (pattern(60), pattern(60_000))

  init(_ kind: Neighbour, _ guest: GroupGuest, in world: GroupWorld) {
    self.kind = kind
    self.world = world
    self.guest = guest
    sender = TxSender(guest.front.queues[0])
    receiver = RxReceiver(guest.front.queues[0])
    if kind == .honest { receiver.refill() }
  }

  /// Does what it does between two steps of the groups.
  func act(_ turn: Int) throws {
    let queue = guest.front.queues[0]
    switch kind {
    case .silent: break
    case .honest:
      _ = try sender.collect()
      try guest.fill(sender, 0..<8)
      queue.tx.publish()
      feed(short)
      _ = try receiver.receive()
      receiver.refill()
    case .stalls: feed(long)
    case .floods: flood(queue)
    case .storms:
      queue.tx.notify()
      queue.rx.notify()
    case .breaksTheRules: violate(queue)
    case .claimsTooMuch:
      queue.tx.publish(claiming: queue.tx.requestProducer.advanced(by: 300), .always)
    case .reconnects where turn % 10 == 0:
      flood(queue)
      try world.close(guest)
      try guest.front.connect(until: world.later)
    case .reconnects: flood(queue)
    }
  }

  private func feed(_ octets: [UInt8]) {
    _ = guest.receive(octets, now: world.machine.loop.now)
  }

  private func flood(_ queue: FrontQueue) {
    while let taken = try? queue.tx.takeResponse() { _ = taken }
    for _ in 0..<queue.tx.freeRequests {
      let grant = queue.txPages.grant(of: 0)
      queue.tx.put(TxRequest(grant: grant, offset: 0, flags: [], id: 0, size: 1500))
    }
    queue.tx.publish(.always)
  }

  private func violate(_ queue: FrontQueue) {
    let grant = queue.txPages.grant(of: 0)
    queue.tx.put(TxRequest(grant: grant, offset: 4090, flags: [], id: 0, size: 100))
    queue.tx.publish(.always)
  }
}

/// What a group got done in one step.
private struct StepRecord: Equatable {
  var frames: Int
  var answers: Int
  var received: Int
  var wake: MonotonicInstant?
}

@Suite struct `A neighbour in another group` {
  /// What the group of a guest that sends and receives some frames a step got done in each of them.
  private func records(beside kind: Neighbour) throws -> ([StepRecord], GroupWorld, GroupGuest) {
    let world = GroupWorld(groups: 2, areOnLoop: false)
    let watched = try world.connect(1)
    let neighbour = NeighbourGuest(kind, try world.connect(2), in: world)
    #expect(world.sizes == [1, 1])
    var random = SeededGenerator(seed: 7)
    let sender = TxSender(watched.front.queues[0])
    let receiver = RxReceiver(watched.front.queues[0])
    var records: [StepRecord] = []
    for turn in 0..<200 {
      try neighbour.act(turn)
      _ = world.groups[1].step(now: world.machine.loop.now)
      try exchange(watched, sender, receiver, &random)
      let before = watched.sink.frames.count
      let now = MonotonicInstant(nanoseconds: UInt64(turn) * 1_000_000)
      let wake = world.groups[0].step(now: now)
      records.append(
        StepRecord(
          frames: watched.sink.frames.count - before, answers: try sender.collect().count,
          received: try receiver.receive().count, wake: wake))
    }
    return (records, world, neighbour.guest)
  }

  private func exchange(
    _ guest: GroupGuest, _ sender: TxSender, _ receiver: RxReceiver,
    _ random: inout SeededGenerator
  ) throws {
    try guest.fill(sender, 0..<UInt8.random(in: 0...40, using: &random))
    if Bool.random(using: &random) { guest.front.queues[0].tx.notify() }
    receiver.refill(limit: Int.random(in: 0...20, using: &random))
    for _ in 0..<Int.random(in: 0...10, using: &random) {
      let octets = pattern(Int.random(in: 14...6000, using: &random))
      _ = guest.receive(octets, now: MonotonicInstant(nanoseconds: 0))
    }
  }

  @Test(arguments: Neighbour.allCases)
  func `that stalls, floods or turns hostile changes no step`(kind: Neighbour) throws {
    let (alone, _, _) = try records(beside: .silent)
    let (beside, _, neighbour) = try records(beside: kind)
    #expect(alone == beside)
    #expect(alone.reduce(0) { $0 + $1.frames } > 3000)
    #expect(alone.reduce(0) { $0 + $1.received } > 500)
    let isCutOff = kind == .breaksTheRules || kind == .claimsTooMuch
    #expect(neighbour.device.vif.context.isDisabled == isCutOff)
    if kind == .floods { #expect(neighbour.sink.frames.count == 200 * 64) }
  }

  @Test func `shares no lock with it on the way of packets`() throws {
    let world = GroupWorld(groups: 2)
    let guests = try [world.connect(1, queues: 2), world.connect(2, queues: 2)]
    #expect(world.sizes == [2, 2])
    let senders = guests.map { $0.front.queues.map { TxSender($0) } }
    let receivers = guests.map { $0.front.queues.map { RxReceiver($0) } }
    let before = locks(world, guests)
    for turn in 0..<50 {
      for (place, guest) in guests.enumerated() {
        for queue in 0..<2 {
          receivers[place][queue].refill()
          _ = try senders[place][queue].send(pattern(1000, from: UInt8(turn)).span.octets)
          guest.front.queues[queue].tx.publish()
          #expect(guest.receive(pattern(5000), queue: queue, now: world.machine.loop.now))
        }
      }
      for group in world.groups { world.machine.loop.wake(group) }
      world.settle()
      for place in 0..<2 {
        for queue in 0..<2 {
          #expect(try senders[place][queue].collect().count == 1)
          #expect(try receivers[place][queue].receive().count == 1)
        }
      }
    }
    #expect(world.machine.counters.notifications > 400)
    #expect(locks(world, guests) == before)
  }

  private func locks(_ world: GroupWorld, _ guests: [GroupGuest]) -> UInt64 {
    guests.reduce(UInt64(world.machine.counters.sharedLocks)) {
      $0 + $1.device.vif.context.sharedLocks
    }
  }
}
