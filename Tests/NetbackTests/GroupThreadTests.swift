import Dispatch
import Glibc
import Netback
import Netfront
import SimulatedXen
import Synchronization
import Testing
import XenInterface
import XenRing

/// Steps each group on a thread of its own, until it is ended.
private final class GroupThreads: Sendable {
  /// A group that goes to its thread, whose alone it is from then on but for its mail.
  private struct Given: @unchecked Sendable { let group: WorkerGroup }

  private let isEnding = Atomic<Bool>(false)
  private let running = DispatchGroup()

  func start(_ group: WorkerGroup) {
    let given = Given(group: group)
    DispatchQueue(label: "group").async(group: running) {
      while !self.isEnding.load(ordering: .relaxed) {
        if given.group.step(now: SimulatedLoop.start) == nil { sched_yield() }
      }
    }
  }

  func end() {
    isEnding.store(true, ordering: .relaxed)
    running.wait()
  }

  /// What the one who follows the store does when a group has mail.
  static func attend(_ group: WorkerGroup) { while group.hasMail { sched_yield() } }
}

@Suite struct `Groups on threads` {
  private func world() -> (GroupWorld, GroupThreads) {
    let world = GroupWorld(groups: 2, areOnLoop: false, attend: GroupThreads.attend)
    let threads = GroupThreads()
    for group in world.groups { threads.start(group) }
    return (world, threads)
  }

  /// Sends on all rings until `count` answers have come on each, and leaves them busy.
  private func flood(_ senders: [Int: TxSender], _ guests: [GroupGuest], _ count: Int) throws {
    var missing = senders.mapValues { _ in count }
    let deadline = ContinuousClock.now + .seconds(60)
    while missing.values.contains(where: { $0 > 0 }), ContinuousClock.now < deadline {
      for (place, sender) in senders {
        missing[place, default: 0] -= try sender.collect().count
        while sender.outstanding < 32 { _ = try sender.send(pattern(60).span.octets) }
        guests[place].front.queues[0].tx.publish()
      }
      sched_yield()
    }
    #expect(missing.values.allSatisfy { $0 <= 0 })
  }

  @Test func `serve what comes while vifs come and go`() throws {
    let (world, threads) = world()
    defer { threads.end() }
    let guests = try (1...4).map { try world.makeGuest(UInt16($0)) }
    var senders: [Int: TxSender] = [:]
    for round in 0..<20 {
      // Some stay for a round, some for more: queues move while their rings are busy.
      for (place, guest) in guests.enumerated()
      where senders[place] == nil && (round + place) % 3 != 0 {
        try guest.front.connect(until: world.later)
        senders[place] = TxSender(guest.front.queues[0])
      }
      try flood(senders, guests, 300)
      for (place, guest) in guests.enumerated()
      where senders[place] != nil && (round == 19 || (round + place) % 2 == 0) {
        senders[place] = nil
        try world.close(guest)
      }
    }
    #expect(world.holdsNothing)
    #expect(guests.allSatisfy { $0.sink.frames.count >= 300 })
  }

  @Test func `group emptied while busy, its thread in the middle of a step`() throws {
    let (world, threads) = world()
    defer { threads.end() }
    let guest = try world.makeGuest(1)
    for _ in 0..<50 {
      try guest.front.connect(until: world.later)
      try guest.fill(TxSender(guest.front.queues[0]), 0..<64)
      guest.front.queues[0].tx.notify()
      guest.device.disconnect()
      let before = guest.sink.frames.count
      #expect(guest.device.vif.queues.isEmpty)
      #expect(world.machine.counters.mappedPages == 0)
      guest.front.queues[0].tx.notify()
      try world.close(guest)
      #expect(guest.sink.frames.count == before)
    }
    #expect(world.holdsNothing)
  }
}
