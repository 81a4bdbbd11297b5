import Dispatch
import SimulatedXen
import Testing
import XenInterface

/// A world that several threads use at once, where it says that they may.
private struct Shared: @unchecked Sendable { let world: TwoDomains }

@Test(arguments: [false, true])
func `many threads copy at once`(_ takeDomainLock: Bool) throws {
  let shared = Shared(world: TwoDomains())
  shared.world.machine.copiesTakeDomainLock = takeDomainLock
  let pages = try shared.world.guest.allocator.share(4, with: .control, access: .readOnly)
  let grants = pages.grants
  DispatchQueue.concurrentPerform(iterations: 4) { _ in
    for _ in 0..<200 { #expect(shared.world.statuses(grants) == [.okay, .okay, .okay, .okay]) }
  }
  #expect(shared.world.machine.counters.copyOperations == 4 * 200 * 4)
}

@Test func `copies meet grants that come and go`() throws {
  let shared = Shared(world: TwoDomains())
  let first = try shared.world.share().grants[0]
  DispatchQueue.concurrentPerform(iterations: 3) { thread in
    for _ in 0..<500 {
      if thread == 0 {
        withExtendedLifetime(try? shared.world.share()) {}
      } else {
        let status = shared.world.statuses([first])[0]
        #expect(status == .okay || status == .generalError)
      }
    }
  }
  #expect(shared.world.machine.counters.grantedPages == 0)
}

@Test func `mappings on several threads leave no pin`() throws {
  let shared = Shared(world: TwoDomains())
  let page = try shared.world.share()
  let grants = page.grants
  DispatchQueue.concurrentPerform(iterations: 3) { _ in
    for _ in 0..<200 {
      let mapped = try? shared.world.host.grants.map(
        grants.span, of: shared.world.guest.domain, access: .readOnly)
      #expect(mapped?.count == 1)
    }
  }
  #expect(shared.world.machine.counters.mappedPages == 0)
  #expect(shared.world.machine.counters.unmapOperations == 600)
}

@Test func `mappings meet grants that come and go, and none can write where it may not`() throws {
  let shared = Shared(world: TwoDomains())
  let share = { @Sendable in
    try shared.world.guest.allocator.share(1, with: .control, access: .readOnly)
  }
  let first = try share().grants
  DispatchQueue.concurrentPerform(iterations: 4) { thread in
    for _ in 0..<500 {
      if thread == 0 {
        withExtendedLifetime(try? share()) {}
      } else {
        let access: GrantAccess = thread == 1 ? .readWrite : .readOnly
        let mapped = try? shared.world.host.grants.map(
          first.span, of: shared.world.guest.domain, access: access)
        #expect(access == .readOnly || mapped == nil)
      }
    }
  }
  #expect(shared.world.machine.counters.mappedPages == 0)
  #expect(shared.world.machine.counters.grantedPages == 0)
  let again = try share()
  #expect(shared.world.statuses(again.grants) == [.okay])
}
