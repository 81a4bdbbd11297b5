import Netif
import XenRing

/// Cases with a name: each rule of the TX path, each boundary, each known attack.
enum NamedCases {
  /// All of them, in a fixed order. Some also run on indices that wrap and with extra infos.
  static let all: [TxCase] =
    [
      order, boundaries, rings, extras, slots, grants, offloads, sequences,
      (order + rings + sequences).map { $0.wrapping(behind: 3) },
      (order + sequences).compactMap(\.withExtras),
      boundaries.enumerated().filter { $0.offset % 4 == 0 }.compactMap(\.element.withExtras),
    ].flatMap(\.self).filter(\.canBeAsked) + timed

  static let small = CasePacket([60], page: 1)
  static let gso = ExtraInfo.gso(size: 1000, type: Segmentation.tcpv4)
  static let address = MACAddress(bits: 0x0100_5e00_0001)

  /// The order in which rules are tried: of two broken ones, the first decides.
  static let order: [TxCase] = [
    TxCase(
      "order/extras-before-slots",
      slots: [
        CaseSlot(.page(0), size: 60, flags: [.moreData, .extraInfo]),
        CaseSlot(raw: [0, 0, 0, 0]),
      ]),
    TxCase(
      "order/multicast-add-ignores-data",
      CasePacket([13], declared: 65535).with(.multicastAdd(address)), small),
    TxCase(
      "order/multicast-delete-ignores-data",
      CasePacket([13], declared: 0).with(.multicastDelete(address)), small),
    TxCase(
      "order/multicast-add-wins-over-delete",
      CasePacket([60]).with(.multicastDelete(address), .multicastAdd(address)), small),
    TxCase(
      "order/multicast-before-gso",
      CasePacket([60]).with(.gso(size: 0, type: 0), .multicastDelete(address)), small),
    TxCase(
      "order/multicast-ignores-more-data",
      slots: [
        CaseSlot(.page(0), size: 60, flags: [.moreData, .extraInfo]),
        CaseSlot(raw: ExtraInfoSlot(.multicastAdd(address), hasMore: false).words),
        CaseSlot(.page(1), size: 70),
      ]),
    TxCase(
      "order/missing-slot-before-minimum",
      slots: [
        CaseSlot(.page(0), size: 5, flags: .moreData)
      ]),
    TxCase(
      "order/crossing-continuation-overrides-drop",
      CasePacket([60, 100], declared: 90).changing(1) { $0.offset = 4000 }, small),
    TxCase(
      "order/minimum-before-first-crossing",
      CasePacket([13]).changing(0) { $0.offset = 65535 }, small),
    TxCase(
      "order/minimum-before-gso",
      CasePacket([13]).with(.gso(size: 0, type: 0)), small),
    TxCase(
      "order/first-crossing-before-gso",
      CasePacket([5000]).with(.gso(size: 0, type: 0)), small),
    TxCase(
      "order/slot-limit-before-size-sum",
      CasePacket(slots: 21, of: 100).changing(20) { $0.size = 4000 }, small),
    TxCase(
      "order/gso-before-grants",
      CasePacket([60]).with(.gso(size: 0, type: 1)).changing(0) { $0.grant = .unknown }, small),
    TxCase("order/drop-ends-batch", small, CasePacket([13]), small, CasePacket([14]), small),
    TxCase(
      "order/fatal-keeps-earlier", small, CasePacket([700, 200]),
      CasePacket([4097]), small),
    TxCase("order/fatal-after-drop", CasePacket([13]), CasePacket([4097]), small),
    TxCase(
      "order/empty-before-copied",
      CasePacket([60], page: 2), CasePacket([600, 0, 200]), CasePacket([60], page: 3)),
  ]

  /// Values at and beside each limit.
  static let boundaries: [TxCase] =
    ((0...15) + [59, 60, 127, 128, 129, 4095, 4096]).map {
      TxCase("boundary/single-\($0)", CasePacket([$0]), small)
    }
    + [4097, 8192, 65535].map { TxCase("boundary/single-\($0)", CasePacket([$0]), small) }
    + [4082, 4083, 4096, 4097, 65535].map { offset in
      TxCase(
        "boundary/single-14-at-\(offset)",
        CasePacket([14]).changing(0) { $0.offset = offset }, small)
    }
    + [(15, 4082), (65535, 65535)].map { (size: UInt16, offset: UInt16) in
      TxCase(
        "boundary/single-\(size)-at-\(offset)",
        CasePacket([size]).changing(0) { $0.offset = offset }, small)
    }
    + [12, 13, 14, 15].map { own in
      TxCase("boundary/first-own-\(own)", CasePacket([own, 100 - own]), small)
    }
    + [99, 100, 101, 200].map { size in
      TxCase("boundary/second-\(size)-of-100", CasePacket([14, size], declared: 100), small)
    }
    + [
      (4095, 1), (4095, 2), (4096, 0), (4096, 1), (4097, 0), (65535, 0), (65535, 65535), (1, 65535),
    ]
    .map { (offset: UInt16, size: UInt16) in
      TxCase(
        "boundary/continuation-\(size)-at-\(offset)",
        CasePacket([60, size], declared: 60 &+ size).changing(1) { $0.offset = offset }, small)
    }
    + [127, 128, 129].flatMap { first in
      [0, 1, 2].map { second in
        TxCase("boundary/linear-\(first)-and-\(second)", CasePacket([first, second]), small)
      }
    }

  /// On a ring of its own: what a producer claims beyond the slots written must be zeros.
  private static func fresh(_ asked: TxCase) -> TxCase {
    var asked = asked
    asked.start = RingIndex(rawValue: 0)
    return asked
  }

  /// Producers, honest and not.
  static let rings: [TxCase] =
    [1, 100, 255, 256, 257, 1000, 0x8000_0000, 0xffff_ff00, 0xffff_fffe, 0xffff_ffff].map {
      fresh(TxCase("ring/empty-beyond-\($0)", slots: [], beyond: $0))
    }
    + [1, 255, 256, 0x8000_0000, 0xffff_fffe].map {
      fresh(TxCase("ring/one-beyond-\($0)", slots: small.slots, beyond: $0))
    }
    + [64, 65, 128, 255, 256].map { (count: Int) in
      TxCase(
        "ring/singles-\(count)",
        slots: (0..<count).flatMap { place in
          CasePacket([60 + UInt16(place)], page: UInt8(place % CasePages.count)).slots
        })
    }
    + [
      TxCase(
        "ring/full-of-pairs",
        slots: (0..<128).flatMap { (place: UInt16) in
          CasePacket([300, 100 + place], page: UInt8(place % 16)).slots
        }),
      TxCase(
        "ring/two-publishes",
        [
          .publish(small.slots, beyond: 0), .publish(CasePacket([600]).slots, beyond: 0),
        ]),
      TxCase(
        "ring/nothing-after-fatal",
        [
          .publish(CasePacket([4097]).slots, beyond: 0), .publish(small.slots, beyond: 0),
          .publish([], beyond: 1000),
        ]),
      TxCase(
        "ring/backwards",
        [
          .publish(small.slots + small.slots, beyond: 0),
          .publish([], beyond: UInt32(bitPattern: -1)),
        ]),
    ]
}
