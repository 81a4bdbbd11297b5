import SimulatedXen
import Testing
import XenInterface
import XenRing

@Test func `counters tell calls from operations, and see a leak`() throws {
  let world = TwoDomains()
  let pages = try world.guest.allocator.share(3, with: world.host.domain, access: .readWrite)
  var mapped: (any MappedPages)? = try world.map(pages)
  #expect(mapped?.count == 3)
  _ = world.statuses(pages.grants)
  let port = try world.guest.events.allocate(for: world.host.domain)
  try world.host.store.watch("/local")
  var counters = world.machine.counters
  #expect(counters.copyCalls == 1 && counters.copyOperations == 3)
  #expect(counters.mapCalls == 1 && counters.mapOperations == 3)
  #expect(counters.mappedPages == 3 && counters.grantedPages == 3)
  #expect(counters.openPorts == 1 && counters.watches == 1)
  #expect(!counters.holdNothing)
  mapped = nil
  world.guest.events.close(port)
  counters = world.machine.counters
  #expect(counters.unmapCalls == 1 && counters.unmapOperations == 3)
  #expect(counters.mappedPages == 0 && counters.openPorts == 0)
}

@Test func `an interface that dies closes its ports and ends its watches`() throws {
  let machine = SimulatedMachine(seed: 1)
  do {
    let guest = machine.connect(DomainID(rawValue: 1))
    _ = try guest.events.allocate(for: .control)
    try guest.store.watch("/local/domain/1/device")
    #expect(!machine.counters.holdNothing)
  }
  #expect(machine.counters.holdNothing)
}

@Test func `a page that is mapped stays granted until it is unmapped`() throws {
  let world = TwoDomains()
  var page: (any GrantedPages)? = try world.share()
  let grants = page?.grants ?? []
  var mapped: (any MappedPages)? = try page.map { page throws(GrantError) in try world.map(page) }
  page = nil
  #expect(world.machine.counters.grantedPages == 1)
  #expect(world.statuses(grants) == [.okay])
  #expect(mapped?.count == 1)
  mapped = nil
  #expect(world.machine.counters.grantedPages == 0)
  #expect(world.statuses(grants) == [.generalError])
}

@Test func `a grant table has an end, and a failed share gives back what it took`() throws {
  let world = TwoDomains(grantFrames: 1)
  let free = 512 - 8
  #expect(throws: GrantError.exhausted) {
    try world.guest.allocator.share(free + 1, with: .control, access: .readOnly)
  }
  let all = try world.guest.allocator.share(free, with: .control, access: .readOnly)
  #expect(Set(all.grants).count == free)
  #expect(throws: GrantError.exhausted) { try world.share() }
}

@Test func `references past the table become bad references again after a reset`() throws {
  let world = TwoDomains()
  let far = GrantReference(rawValue: 600)
  #expect(world.statuses([far]) == [.badGrantReference])
  let pages = try world.guest.allocator.share(600, with: .control, access: .readOnly)
  #expect(pages.grants.contains(far))
  #expect(world.statuses([far]) == [.okay])
  world.machine.reset(seed: 1)
  world.machine.addDomain(world.guest.domain)
  #expect(world.statuses([far]) == [.badGrantReference])
}

@Test func `a reset world gives the same references and ports again`() throws {
  let world = TwoDomains()
  func names() throws -> [UInt32] {
    let guest = world.machine.connect(world.guest.domain)
    let pages = try (0..<5).map { _ in
      try guest.allocator.share(2, with: .control, access: .readWrite)
    }
    let port = try guest.events.allocate(for: .control)
    return pages.flatMap(\.grants).map(\.rawValue) + [port.rawValue]
  }
  world.machine.reset(seed: 1)
  let first = try names()
  world.machine.reset(seed: 1)
  #expect(try names() == first)
}

@Test func `what outlives a reset holds nothing and harms nothing`() throws {
  let world = TwoDomains()
  var page: (any GrantedPages)? = try world.share()
  let kept = try world.map(#require(page))
  world.machine.reset(seed: 2)
  #expect(world.machine.counters.holdNothing && world.machine.counters.mapCalls == 0)
  let guest = world.machine.connect(world.guest.domain)
  let fresh = try guest.allocator.share(1, with: .control, access: .readOnly)
  #expect(fresh.grants == page?.grants)
  page = nil
  #expect(kept.page(0).load(at: 0) == 0)
  #expect(world.statuses(fresh.grants) == [.okay])
  let mapped = try (0..<64).map { _ in try world.map(fresh) }
  #expect(mapped.count == 64, "a pin of before the reset still counts")
}

@Test func `a destroyed domain leaves nothing but what others have mapped`() throws {
  let world = TwoDomains()
  let page = try world.share()
  let mapped = try world.map(page)
  let port = try world.guest.events.allocate(for: .control)
  let bound = try world.host.events.bind(to: port, of: world.guest.domain)
  try world.host.store.watch("@releaseDomain")
  _ = world.host.store.takeChange()
  world.machine.destroy(world.guest.domain)
  #expect(world.statuses(page.grants) == [.badDomain])
  #expect(mapped.page(0).load(at: 0) == 0)
  #expect(world.host.store.value("/local/domain/1/domid") == nil)
  #expect(world.host.store.takeChange() == "@releaseDomain")
  world.host.events.notify(bound)
  #expect(throws: EventChannelError.notBindable) {
    try world.host.events.bind(to: port, of: world.guest.domain)
  }
  #expect(world.machine.counters.mappedPages == 1)
}

@Test func `a domain that comes again has a grant table of its own`() throws {
  let world = TwoDomains()
  let old = try world.share()
  world.machine.destroy(world.guest.domain)
  let again = world.machine.connect(world.guest.domain)
  #expect(world.statuses(old.grants) == [.generalError])
  let fresh = try again.allocator.share(1, with: .control, access: .readOnly)
  #expect(world.statuses(fresh.grants) == [.okay])
}

@Test func `a machine dies although a worker of its loop holds an interface`() {
  final class Holder: Worker {
    let interface: DomainInterface
    init(_ interface: DomainInterface) { self.interface = interface }
    func step(now: MonotonicInstant) -> MonotonicInstant? { nil }
  }
  weak var machine: SimulatedMachine?
  do {
    let living = SimulatedMachine(seed: 1)
    living.loop.add(Holder(living.connect(.control)))
    machine = living
  }
  #expect(machine == nil)
}
