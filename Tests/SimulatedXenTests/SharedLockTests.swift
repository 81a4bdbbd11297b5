import Dispatch
import SimulatedXen
import Testing
import XenInterface

/// A world that several threads use at once, where it says that they may.
private struct Shared: @unchecked Sendable { let world: TwoDomains }

@Suite struct `Locks that workers share` {
  @Test func `copies and events take none`() throws {
    let world = TwoDomains()
    let grants = try world.guest.allocator.share(4, with: .control, access: .readOnly)
    let front = try world.guest.events.allocate(for: .control)
    let back = try world.host.events.bind(to: front, of: world.guest.domain)
    world.guest.events.notify(front)
    let before = world.machine.counters
    #expect(before.sharedLocks > 0)
    for _ in 0..<100 {
      #expect(world.statuses(grants.grants).allSatisfy { $0 == .okay })
      world.guest.events.notify(front)
      #expect(world.host.events.takeMasked() == back)
      world.host.events.unmask(back)
    }
    let after = world.machine.counters
    #expect(after.sharedLocks == before.sharedLocks)
    #expect(after.copyCalls == before.copyCalls + 100)
    #expect(after.notifications == before.notifications + 100)
  }

  @Test func `a batch of copies takes that of its domain once, where it is asked for`() throws {
    let world = TwoDomains()
    let grants = try world.guest.allocator.share(4, with: .control, access: .readOnly)
    world.machine.copiesTakeDomainLock = true
    let before = world.machine.counters.sharedLocks
    for _ in 0..<10 { #expect(world.statuses(grants.grants).count == 4) }
    #expect(world.machine.counters.sharedLocks == before + 10)
    world.machine.reset(seed: 1)
    #expect(!world.machine.copiesTakeDomainLock)
  }

  @Test func `counts outlive the interface that made them, not a reset`() throws {
    let world = TwoDomains()
    let grants = try world.guest.allocator.share(1, with: .control, access: .readOnly)
    do {
      let other = world.machine.connect(.control)
      let copies = TwoDomains(machine: world.machine, guest: world.guest, host: other)
      #expect(copies.statuses(grants.grants) == [.okay])
    }
    #expect(world.machine.counters.copyCalls == 1)
    world.machine.reset(seed: 1)
    #expect(world.machine.counters.copyCalls == 0)
  }

  @Test func `no event is lost between two threads`() throws {
    let shared = Shared(world: TwoDomains())
    let world = shared.world
    let front = try world.guest.events.allocate(for: .control)
    let back = try world.host.events.bind(to: front, of: world.guest.domain)
    while world.host.events.takePending() != nil {}
    let rounds = 2_000
    DispatchQueue.concurrentPerform(iterations: 2) { side in
      let world = shared.world
      for _ in 0..<rounds {
        // Each sends, and waits for what the other sent: a lost event would stop both.
        let events = side == 0 ? world.guest.events : world.host.events
        events.notify(side == 0 ? front : back)
        while events.takePending() == nil {}
      }
    }
    #expect(world.machine.counters.notifications == 2 * rounds)
  }
}
