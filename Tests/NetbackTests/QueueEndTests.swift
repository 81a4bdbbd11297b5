import Netback
import Netfront
import Netif
import SimulatedXen
import Testing
import XenInterface
import XenRing

/// An end of a test's: it has frames for the guest, and notes what is done to it.
private final class TestEnd: QueueEnd {
  var inbox: [[UInt8]] = []
  var canOpen = true
  private(set) var isOpen = false
  /// Who serves the queue now, and how often that has changed.
  private(set) var group: WorkerGroup?
  private(set) var moves = 0
  private(set) var rests = 0

  func open() throws(VifError) {
    guard canOpen else { throw .noEnd }
    isOpen = true
  }

  func close() { isOpen = false }

  func move(to group: WorkerGroup?) {
    self.group = group
    moves += 1
  }

  func feed(_ queue: VifQueue, now: MonotonicInstant) -> Bool {
    guard let frame = inbox.first else { return false }
    inbox.removeFirst()
    let isTaken = queue.send(frame.span.octets, offload: FrameOffload(), now: now)
    #expect(isTaken)
    return !inbox.isEmpty
  }

  func rest(_ queue: VifQueue) { rests += 1 }
}

@Suite struct `The end of a queue` {
  private let world = GroupWorld(groups: 2)

  private func connect(_ number: UInt16, _ ends: [TestEnd]) throws -> GroupGuest {
    let guest = try world.makeGuest(number, ends: ends)
    try guest.front.connect(NetfrontOptions(queues: ends.count), until: world.later)
    return guest
  }

  @Test func `is open as long as the queue is connected, and its group knows it`() throws {
    let ends = [TestEnd(), TestEnd(), TestEnd()]
    let guest = try connect(1, ends)
    #expect(ends.map(\.isOpen) == [true, true, true])
    for (end, group) in zip(ends, [0, 1, 0]) { #expect(end.group === world.groups[group]) }
    try world.close(guest)
    #expect(ends.allSatisfy { !$0.isOpen && $0.group == nil })
    try guest.front.connect(NetfrontOptions(queues: 1), until: world.later)
    #expect(ends.map(\.isOpen) == [true, false, false])
    try world.close(guest)
    #expect(world.holdsNothing)
  }

  @Test func `brings its frames to the guest on its queue, a batch before each poll`() throws {
    let ends = [TestEnd(), TestEnd()]
    let guest = try connect(1, ends)
    let receivers = guest.front.queues.map { RxReceiver($0) }
    for receiver in receivers { receiver.refill() }
    world.settle()
    for (place, end) in ends.enumerated() {
      end.inbox = (0..<5).map { pattern(100 + $0, from: UInt8(place)) }
    }
    for group in world.groups { world.machine.loop.wake(group) }
    let before = ends.map(\.rests)
    world.settle()
    for (place, receiver) in receivers.enumerated() {
      let frames = try receiver.receive().map { try $0.get().octets }
      #expect(frames == (0..<5).map { pattern(100 + $0, from: UInt8(place)) })
      // More may be waiting behind each but the last.
      #expect(ends[place].rests - before[place] >= 5)
    }
    try world.close(guest)
  }

  /// Four guests, of which the second and the fourth leave: the third has to move.
  @Test func `goes with its queue to another group`() throws {
    let ends = (0..<4).map { _ in TestEnd() }
    let guests = try ends.enumerated().map { try connect(UInt16($0 + 1), [$1]) }
    #expect(ends[2].group === world.groups[0])
    for place in [1, 3] { try world.close(guests[place]) }
    #expect(ends[2].group === world.groups[1])
    // To its first group, to none, to the other.
    #expect(ends[2].moves == 3)
    #expect(ends[2].isOpen)
    do {
      let receiver = RxReceiver(guests[2].front.queues[0])
      receiver.refill()
      ends[2].inbox = [pattern(60, from: 9)]
      world.machine.loop.wake(world.groups[1])
      world.settle()
      #expect(try receiver.receive().map { try $0.get().octets } == [pattern(60, from: 9)])
    }
    for place in [0, 2] { try world.close(guests[place]) }
    #expect(world.holdsNothing)
  }

  @Test func `that cannot be opened leaves the vif unconnected, and nothing behind`() throws {
    let ends = [TestEnd(), TestEnd()]
    ends[1].canOpen = false
    let guest = try world.makeGuest(1, ends: ends)
    #expect(throws: NetfrontError.self) {
      try guest.front.connect(NetfrontOptions(queues: 2), until: world.later)
    }
    #expect(guest.device.failure == .noEnd)
    #expect(ends.allSatisfy { !$0.isOpen && $0.group == nil })
    #expect(world.sizes == [0, 0])
    #expect(world.holdsNothing)
  }

  @Test func `is left alone where no group may serve the queue`() throws {
    let end = TestEnd()
    let guest = try world.makeGuest(1, path: .staged, ends: [end])
    try guest.front.connect(until: world.later)
    #expect(!end.isOpen && end.moves == 0)
    try world.close(guest)
  }
}

@Suite struct `The load of groups` {
  @Test func `is their queues, and the packets that crossed these`() throws {
    let world = GroupWorld(groups: 2)
    let guest = try world.connect(1, queues: 3)
    do {
      for (place, count) in [4, 5, 6].enumerated() {
        let sender = TxSender(guest.front.queues[place])
        for first in 0..<count { _ = try sender.send(pattern(60, from: UInt8(first)).span.octets) }
        guest.front.queues[place].tx.publish()
      }
      world.settle()
    }
    #expect(
      world.pool.loads == [GroupLoad(queues: 2, packets: 10), GroupLoad(queues: 1, packets: 5)])
    try world.close(guest)
    #expect(world.pool.loads.allSatisfy { $0.queues == 0 && $0.packets == 0 })
  }
}
