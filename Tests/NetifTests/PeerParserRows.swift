import Netif
import Testing
import XenInterface
import XenRing

// What FreeBSD's unit tests of its netback say of slots that become a packet (rows 2 to 5 of that
// suite), asked of our assembler.

/// Slots, and the packet that they are.
struct ParserRow: Sendable, CustomTestStringConvertible {
  let testDescription: String
  var slots: [SlotWords]
  /// Octets of each data slot's own.
  var sizes: [UInt16]
  var extras: UInt16 = 0
  var segmentation: Segmentation?

  private static func data(_ size: UInt16, _ flags: TxFlags, id: UInt16) -> SlotWords {
    TxRequest(
      grant: GrantReference(rawValue: UInt32(id)), offset: 0, flags: flags, id: id, size: size
    ).words
  }

  static let all = [
    ParserRow(testDescription: "2: one slot", slots: [data(69, [], id: 1)], sizes: [69]),
    ParserRow(
      testDescription: "3: two slots",
      slots: [data(100, .moreData, id: 1), data(40, [], id: 2)], sizes: [60, 40]),
    ParserRow(
      testDescription: "4: three slots",
      slots: [data(200, .moreData, id: 1), data(40, .moreData, id: 2), data(50, [], id: 3)],
      sizes: [110, 40, 50]),
    ParserRow(
      testDescription: "5: an extra info",
      slots: [
        data(150, [.extraInfo, .moreData], id: 1),
        ExtraInfoSlot(.gso(size: 250, type: Segmentation.tcpv4), hasMore: false).words,
        data(50, [], id: 2),
      ],
      sizes: [100, 50], extras: 1,
      segmentation: Segmentation(size: 250, type: Segmentation.tcpv4)),
  ]
}

@Suite struct `What FreeBSD's tests ask of slots` {
  @Test(arguments: ParserRow.all, RuleProfile.allCases)
  func `is one packet, the first slot's part what the others leave`(
    _ row: ParserRow, _ profile: RuleProfile
  ) {
    var assembler = TxAssembler(rules: TxRules(profile))
    var complete: [Bool] = []
    for slot in row.slots {
      if case .packet = assembler.take(slot) {
        complete.append(true)
      } else {
        complete.append(false)
      }
    }
    #expect(complete == row.slots.indices.map { $0 == row.slots.count - 1 })
    let (total, count) = (assembler.head.size, assembler.dataSlots)
    #expect(total == row.sizes.reduce(0, +))
    #expect(count == row.sizes.count)
    let fragments = (0..<count).map { assembler.fragment($0) }
    #expect(fragments.map(\.size) == row.sizes)
    #expect(fragments.map(\.grant.rawValue) == (1...UInt32(count)).map { $0 })
    let extras = assembler.extras
    #expect(extras.slotCount == row.extras)
    #expect(extras.segmentation == row.segmentation)
  }
}
