import Netif
import Testing
import XenInterface
import XenRing

private func slot(
  offset: UInt16 = 0, size: UInt16 = 60, flags: TxFlags = []
) -> SlotWords {
  TxRequest(
    grant: GrantReference(rawValue: 8), offset: offset, flags: flags, id: 0, size: size
  ).words
}

@Suite struct `The slots that a guest was cut off for` {
  private static let acts: [([SlotWords], TxViolation?)] = [
    ([slot()], nil),
    ([slot(offset: 4090, size: 100)], .pageCrossing(offset: 4090, size: 100)),
    ([slot(), slot(flags: .extraInfo), [9, 0, 0, 0]], .invalidExtraType(9)),
    (
      [slot(size: 60_000, flags: .moreData)] + (0..<24).map { _ in slot(flags: .moreData) },
      .maliciousSlotCount(20)
    ),
    ([slot(flags: .moreData)], nil),
    ([slot(flags: .extraInfo)], nil),
  ]

  @Test(arguments: acts.indices)
  func `name the rule, unless what came later counts`(_ index: Int) {
    let (slots, violation) = Self.acts[index]
    var untaken = UntakenSlots()
    for slot in slots { untaken.append(slot) }
    #expect(untaken.brokenRule == violation.map { UInt8($0.code) })
  }

  @Test func `are those that were not taken before`() {
    var untaken = UntakenSlots()
    for slot in [slot(flags: .moreData), slot(), slot(offset: 4090, size: 100)] {
      untaken.append(slot)
    }
    let found = untaken.violation(by: TxRules(.linux))
    #expect(found?.place == 2 && found?.violation == .pageCrossing(offset: 4090, size: 100))
    untaken.keepLast(1)
    #expect(untaken.brokenRule == UInt8(TxViolation.pageCrossing(offset: 0, size: 0).code))
    untaken.keepLast(0)
    #expect(untaken.brokenRule == nil)
    untaken.keepLast(5)
    #expect(untaken.brokenRule == nil)
  }
}
