import SimulatedXen
import Testing
import XenInterface

/// A status that no hypervisor documents, and that one once returned (XSA-316).
private let plusOne = GrantStatus(rawValue: 1)

@Test(arguments: [
  (GrantLie.Answer.status(.badPage), [GrantStatus.okay, .badPage, .okay, .okay]),
  (.status(plusOne), [.okay, plusOne, .okay, .okay]),
  (.status(.tryAgain), [.okay, .tryAgain, .okay, .okay]),
  (.unwritten, [.okay, .unwritten, .okay, .okay]),
  (.endOfBatch, [.okay, .unwritten, .unwritten, .unwritten]),
])
func `one copy is lied about`(_ answer: GrantLie.Answer, _ wanted: [GrantStatus]) throws {
  let world = TwoDomains()
  let page = try world.share()
  world.machine.tell([GrantLie(.copy, number: 1, answer: answer)])
  let grants = [GrantReference](repeating: page.grants[0], count: 4)
  #expect(world.statuses(grants) == wanted)
  #expect(world.statuses(grants) == [.okay, .okay, .okay, .okay])
}

@Test func `operations are counted over batches, those of a cut batch too`() throws {
  let world = TwoDomains()
  let page = try world.share()
  world.machine.tell([
    GrantLie(.copy, number: 0, answer: .endOfBatch),
    GrantLie(.copy, number: 4, answer: .status(.noSpace)),
  ])
  let grants = [GrantReference](repeating: page.grants[0], count: 3)
  #expect(world.statuses(grants) == [.unwritten, .unwritten, .unwritten])
  #expect(world.statuses(grants) == [.okay, .noSpace, .okay])
}

@Test func `a copy that is lied about is not done`() throws {
  let world = TwoDomains()
  world.machine.tell([GrantLie(.copy, number: 0, answer: .status(.okay))])
  #expect(world.statuses([GrantReference(rawValue: 99)]) == [.okay])
  #expect(world.statuses([GrantReference(rawValue: 99)]) == [.generalError])
}

@Test(arguments: [
  (GrantLie.Answer.status(plusOne), plusOne), (.unwritten, .unwritten), (.endOfBatch, .unwritten),
])
func `one map is lied about and leaves nothing mapped`(
  _ answer: GrantLie.Answer, _ wanted: GrantStatus
) throws {
  let world = TwoDomains()
  let pages = try world.guest.allocator.share(3, with: world.host.domain, access: .readWrite)
  world.machine.tell([GrantLie(.map, number: 1, answer: answer)])
  #expect(throws: GrantError.refused(wanted)) { try world.map(pages) }
  #expect(world.machine.counters.mappedPages == 0)
  #expect(try world.map(pages).count == 3)
}

@Test func `no lies are told after a reset`() throws {
  let world = TwoDomains()
  world.machine.tell([GrantLie(.copy, number: 0, answer: .status(.badPage))])
  world.machine.reset(seed: 1)
  let guest = world.machine.connect(world.guest.domain)
  let page = try guest.allocator.share(1, with: .control, access: .readOnly)
  #expect(world.statuses(page.grants) == [.okay])
}
