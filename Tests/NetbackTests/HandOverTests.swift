import Netback
import Netfront
import Netif
import SimulatedXen
import Testing
import XenInterface
import XenRing

@Suite struct `Queues and their groups` {
  @Test func `connected queues are spread, and the groups serve them alone`() throws {
    let world = GroupWorld(groups: 2)
    let guest = try world.connect(1, queues: 3)
    #expect(world.sizes == [2, 1])
    do {
      let sender = TxSender(guest.front.queues[0])
      try guest.fill(sender, 0..<3)
      // The worker that follows the store leaves the rings alone.
      _ = world.control.step(now: world.machine.loop.now)
      #expect(guest.sink.frames.isEmpty)
      for group in world.groups { _ = group.step(now: world.machine.loop.now) }
      #expect(guest.firstOctets == [0, 1, 2])
      #expect(try sender.collect().map(\.status) == [.okay, .okay, .okay])
    }
    try world.close(guest)
    #expect(world.sizes == [0, 0])
    #expect(world.holdsNothing)
  }

  @Test func `frames for the guest go through its group`() throws {
    let world = GroupWorld(groups: 2)
    let guest = try world.connect(1, queues: 2)
    let receivers = guest.front.queues.map { RxReceiver($0) }
    for receiver in receivers { receiver.refill() }
    for queue in 0..<2 {
      let octets = pattern(200, from: UInt8(queue))
      #expect(guest.receive(octets, queue: queue, now: world.machine.loop.now))
    }
    for group in world.groups { world.machine.loop.wake(group) }
    world.settle()
    let frames = try receivers.map { try $0.receive().map { try $0.get().octets } }
    #expect(frames == [[pattern(200, from: 0)], [pattern(200, from: 1)]])
  }

  /// Four guests, of which the second and the fourth leave: the third has to move.
  @Test func `a queue that moves while its ring is full loses nothing, and is heard`() throws {
    let world = GroupWorld(groups: 2)
    let guests = try (1...4).map { try world.connect(UInt16($0)) }
    let moving = guests[2]
    do {
      let sender = TxSender(moving.front.queues[0])
      try moving.fill(sender, 0..<64)
      try world.close(guests[1])
      #expect(world.sizes == [2, 1])
      try world.close(guests[3])
      #expect(world.sizes == [1, 1])
      world.settle()
      #expect(moving.firstOctets == Array(0..<64))
      #expect(try sender.collect().count == 64)
      // Its events reach the group that it has now.
      _ = try sender.send(pattern(60, from: 99).span.octets)
      #expect(moving.front.queues[0].tx.publish())
      world.settle()
      #expect(moving.firstOctets.last == 99)
    }
    for guest in [guests[0], moving] { try world.close(guest) }
    #expect(world.holdsNothing)
  }

  @Test func `a guest that closed its port moves too, and closes like any other`() throws {
    let world = GroupWorld(groups: 2)
    let guests = try (1...4).map { try world.connect(UInt16($0)) }
    do {
      let queue = guests[2].front.queues[0]
      guests[2].front.xen.events.close(queue.tx.port)
      guests[2].front.xen.events.close(queue.rx.port)
      for leaving in [guests[1], guests[3]] { try world.close(leaving) }
      #expect(world.sizes == [1, 1])
      // Nobody wakes its group, but a step still serves it.
      try guests[2].fill(TxSender(queue), 0..<3)
      for group in world.groups { _ = group.step(now: world.machine.loop.now) }
      #expect(guests[2].sink.frames.count == 3)
    }
    for guest in [guests[0], guests[2]] { try world.close(guest) }
    #expect(world.holdsNothing)
  }

  @Test func `ports that cannot be bound refuse the connection, and the group stays as it was`()
    throws
  {
    let world = GroupWorld(groups: 2)
    let guest = try world.makeGuest(1)
    let options = NetfrontOptions(extraKeys: ["event-channel-rx": "4000"])
    #expect(throws: NetfrontError.self) {
      try guest.front.connect(options, until: world.later)
    }
    #expect(guest.device.failure == .eventChannel(.notBindable))
    #expect(world.sizes == [0, 0])
    #expect(world.holdsNothing)
  }

  @Test func `group emptied while busy`() throws {
    let world = GroupWorld(groups: 2)
    let busy = try world.connect(1)
    do {
      let queue = busy.front.queues[0]
      // More than one poll takes, frames that wait for pages, and events that nobody has taken.
      for first in UInt8(0)..<200 {
        let slot = TxRequest(
          grant: queue.txPages.grant(of: 0), offset: 0, flags: [], id: UInt16(first), size: 60)
        queue.tx.put(slot)
      }
      queue.tx.publish(.always)
      #expect(busy.receive(pattern(9000), now: world.machine.loop.now))
      #expect(world.groups[0].step(now: world.machine.loop.now) == world.machine.loop.now)
      #expect(busy.sink.frames.count == 64)
      queue.tx.publish(.always)
      busy.device.disconnect()
      #expect(world.sizes == [0, 0])
      #expect(world.groups[0].step(now: world.machine.loop.now) == nil)
      #expect(busy.sink.frames.count == 64)
    }
    busy.front.abandon()
    #expect(world.holdsNothing)
    // The group is as good as new.
    let next = try world.connect(2)
    #expect(world.sizes == [1, 0])
    let other = TxSender(next.front.queues[0])
    try next.fill(other, 0..<5)
    _ = world.groups[0].step(now: world.machine.loop.now)
    #expect(try other.collect().count == 5)
  }

  @Test func `a limit that changes reaches a queue in a group`() throws {
    let world = GroupWorld(groups: 2)
    let guest = try world.connect(1)
    let store = world.machine.connect(.control).store
    try store.write([StoreWrite(guest.front.path.backend + "/rate", "1000,1000000")])
    world.settle()
    let sender = TxSender(guest.front.queues[0])
    for _ in 0..<2 { _ = try sender.send(pattern(600).span.octets) }
    guest.front.queues[0].tx.publish()
    world.settle()
    #expect(guest.sink.frames.count == 1)
  }
}
