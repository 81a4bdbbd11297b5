import Netback
import Netfront
import Netif
import SimulatedXen
import Testing
import XenInterface
import XenRing

/// What cuts a guest off.
struct FatalAct: Sendable, CustomTestStringConvertible {
  let testDescription: String
  /// The slots it writes, for a page that it has granted.
  var slots: @Sendable (GrantReference) -> [SlotWords]
  /// Slots that it claims beyond those.
  var ahead: UInt32 = 0

  private static func data(
    _ grant: GrantReference, _ size: UInt16, _ flags: TxFlags = [], offset: UInt16 = 0
  ) -> SlotWords {
    TxRequest(grant: grant, offset: offset, flags: flags, id: 0, size: size).words
  }

  static let all = [
    FatalAct(testDescription: "a producer too far", slots: { _ in [] }, ahead: 257),
    FatalAct(testDescription: "a missing slot", slots: { [data($0, 60, .moreData)] }),
    FatalAct(testDescription: "a missing extra", slots: { [data($0, 60, .extraInfo)] }),
    FatalAct(
      testDescription: "an extra of no type",
      slots: { [data($0, 60, .extraInfo), [0, 0, 0, 0]] }),
    FatalAct(
      testDescription: "22 slots",
      slots: { grant in
        [data(grant, 4000, .moreData)] + (0..<20).map { _ in data(grant, 10, .moreData) }
          + [data(grant, 10)]
      }),
    FatalAct(
      testDescription: "a page crossed", slots: { [data($0, 100, offset: 4090)] }),
    FatalAct(
      testDescription: "segments of no size",
      slots: {
        [data($0, 60, .extraInfo), ExtraInfoSlot(.gso(size: 0, type: 1), hasMore: false).words]
      }),
  ]
}

/// What follows.
enum FatalEnding: CaseIterable, Sendable {
  case morePackets, closing, connectingAgain, removal, destruction
}

@Suite struct `A guest that was cut off` {
  @Test(arguments: FatalAct.all, FatalEnding.allCases)
  func `R-39: hears nothing, whatever follows, and leaves nothing behind`(
    _ act: FatalAct, _ ending: FatalEnding
  ) throws {
    let world = try BackendWorld()
    try world.connect()
    try perform(act, world)
    #expect(world.device.vif.context.isDisabled)
    #expect(world.front.backendState == .connected)
    try end(world, ending)
    #expect(world.device.vif.context.isDisabled)
    #expect(world.sink.frames.isEmpty)
    let counters = world.machine.counters
    #expect(counters.mappedPages == 0 && counters.grantedPages == 0 && counters.openPorts == 0)
  }

  private func perform(_ act: FatalAct, _ world: BackendWorld) throws {
    let queue = world.front.queues[0]
    for words in act.slots(queue.txPages.grant(of: 0)) { queue.tx.put(words: words) }
    queue.tx.publish(claiming: queue.tx.requestProducer.advanced(by: act.ahead), .always)
    world.settle()
    #expect(try queue.tx.unconsumedResponses() == 0)
  }

  private func end(_ world: BackendWorld, _ ending: FatalEnding) throws {
    switch ending {
    case .morePackets:
      try expectSilence(world)
      try world.front.close(until: world.later)
    case .closing:
      try world.front.close(until: world.later)
    case .connectingAgain:
      try world.front.close(until: world.later)
      try world.connect()
      try expectSilence(world)
      try world.front.close(until: world.later)
    case .removal:
      try world.directories.remove(through: world.machine.loop, until: world.later)
      world.front.abandon()
    case .destruction:
      world.machine.destroy(DomainID(rawValue: 1))
      world.front.abandon()
      world.settle()
    }
  }

  private func expectSilence(_ world: BackendWorld) throws {
    let queue = world.front.queues[0]
    _ = try TxSender(queue).send(pattern(60).span.octets)
    queue.tx.publish(.always)
    world.settle()
    #expect(try queue.tx.unconsumedResponses() == 0)
  }
}
