import Netif
import XenRing

extension NamedCases {
  private static func chain(_ count: Int) -> [CaseSlot] {
    (0..<count).map { place in
      CaseSlot(raw: ExtraInfoSlot(.xdp(headroom: UInt16(place)), hasMore: place < count - 1).words)
    }
  }

  private static func headed(_ slots: [CaseSlot], size: UInt16 = 60) -> [CaseSlot] {
    [CaseSlot(.page(0), size: size, flags: .extraInfo)] + slots
  }

  private static func raw(type: UInt8, flags: UInt8 = 0) -> CaseSlot {
    CaseSlot(raw: [UInt32(type) | UInt32(flags) << 8 | 0x03e8_0000, 1, 0, 0])
  }

  /// Extra infos: promised and missing, of every type, chained, doubled.
  static let extras: [TxCase] =
    [0, 1, 2, 3, 4, 5, 6, 7, 127, 255].map {
      TxCase("extra/type-\($0)", slots: headed([raw(type: $0)]) + small.slots)
    }
    + [1, 2, 3, 30, 254, 255].map {
      TxCase("extra/chain-\($0)", slots: headed(chain($0)))
    }
    + [
      TxCase("extra/missing", slots: headed([])),
      TxCase("extra/missing-after-more", slots: headed([raw(type: 1, flags: 1)])),
      TxCase("extra/missing-after-valid", slots: small.slots + headed([])),
      TxCase("extra/unknown-flags", slots: headed([raw(type: 1, flags: 0xfe)]) + small.slots),
      TxCase("extra/all-flags", slots: headed([raw(type: 1, flags: 0xff), raw(type: 4)])),
      TxCase(
        "extra/gso-twice",
        CasePacket([600, 900]).with(.gso(size: 0, type: 0), gso), small),
      TxCase(
        "extra/gso-twice-last-bad",
        CasePacket([600, 900]).with(gso, .gso(size: 0, type: 0)), small),
      TxCase(
        "extra/more-data-and-extra-alone",
        slots: [
          CaseSlot(.page(0), size: 200, flags: [.moreData, .extraInfo]), raw(type: 1),
        ]),
      TxCase(
        "extra/all-types",
        CasePacket([600, 900]).with(
          gso, .hash(type: 1, algorithm: 1, value: 7), .xdp(headroom: 65535)), small),
      TxCase(
        "extra/dropped-packet-answers-null",
        CasePacket([10, 40]).with(gso, .xdp(headroom: 1)), small),
      TxCase(
        "extra/multicast-fills",
        slots: (0..<65).flatMap { (place: UInt64) in
          CasePacket([60]).with(.multicastAdd(MACAddress(bits: place))).slots
        }),
      TxCase(
        "extra/multicast-delete-makes-room",
        slots: (0..<64).flatMap { (place: UInt64) in
          CasePacket([60]).with(.multicastAdd(MACAddress(bits: place))).slots
        } + CasePacket([60]).with(.multicastDelete(MACAddress(bits: 9))).slots
          + CasePacket([60]).with(.multicastAdd(MACAddress(bits: 9))).slots
          + CasePacket([60]).with(.multicastAdd(MACAddress(bits: 9))).slots),
      TxCase(
        "extra/multicast-between-packets", small,
        CasePacket([60]).with(.multicastAdd(address)), CasePacket([600, 30])),
    ]
    + [0, 1, 2, 3, 4, 255].map {
      TxCase(
        "extra/hash-type-\($0)",
        CasePacket([60]).with(.hash(type: $0, algorithm: 1, value: 0x1234_5678)), small)
    }

  /// Numbers and sizes of data slots.
  static let slots: [TxCase] =
    (1...23).map { TxCase("slots/count-\($0)", CasePacket(slots: $0, of: 100), small) }
    + [17, 18, 19, 20].map { TxCase("slots/long-\($0)", CasePacket(slots: $0, of: 3400), small) }
    + [17, 18, 19].map { count in
      let each = UInt16(65535 / count)
      let rest = 65535 - each * UInt16(count - 1)
      let others = [UInt16](repeating: each, count: count - 1)
      return TxCase("slots/65535-in-\(count)", CasePacket([rest] + others), small)
    }
    + [65536, 66000].map { total in
      let sizes = [UInt16](repeating: 4000, count: 16) + [UInt16(total - 64000)]
      return TxCase("slots/overflow-\(total)", CasePacket(sizes), small)
    }
    + [19, 20, 21, 22].map { count in
      TxCase(
        "slots/last-of-\(count)-crosses",
        CasePacket(slots: count, of: 100).changing(count - 1) { $0.offset = 4090 }, small)
    }
    + [17, 18, 19].flatMap { count in
      [(16, 7), (20, 6), (110, 1), (128, 1), (300, 1), (4096, 200)].map {
        (first: UInt16, other: UInt16) in
        TxCase(
          "slots/linear-\(first)-\(other)-in-\(count)",
          CasePacket([first] + [UInt16](repeating: other, count: count - 1)), small)
      }
    }
    + [
      ("first", [0, 60]), ("second", [60, 0]), ("second-of-three", [60, 0, 60]),
      ("two", [60, 0, 0]), ("behind-linear", [200, 0]), ("behind-linear-middle", [200, 0, 300]),
      ("behind-linear-many", [200, 0, 0, 0, 0, 300, 0]), ("at-128", [128, 0]),
      ("at-128-middle", [128, 0, 5]), ("around-128", [100, 0, 28, 0, 1, 0]),
      ("many", [60] + [UInt16](repeating: 0, count: 17)),
      ("many-behind", [600] + [UInt16](repeating: 0, count: 17)),
      ("most", [600] + [UInt16](repeating: 0, count: 18)),
      ("in-17", [600, 0] + [UInt16](repeating: 50, count: 15)),
      ("in-19", [600, 0] + [UInt16](repeating: 50, count: 17)),
      ("in-19-middle", [600, 50, 50, 0] + [UInt16](repeating: 50, count: 15)),
    ].map { (name: String, sizes: [UInt16]) in
      TxCase("slots/empty-\(name)", CasePacket(sizes), small)
    }
    + (0...4096).filter { [0, 4095, 4096].contains($0) }.map { offset in
      TxCase(
        "slots/empty-at-\(offset)",
        CasePacket([200, 0]).changing(1) { $0.offset = UInt16(offset) }, small)
    }
    + [
      TxCase(
        "slots/empty-with-unknown-grant",
        CasePacket([200, 0]).changing(1) { $0.grant = .unknown }, small),
      TxCase(
        "slots/empty-and-crossing",
        CasePacket([200, 0, 100]).changing(2) { $0.offset = 4000 }, small),
    ]
    + (14...53).map { first in
      TxCase(
        "slots/split-headers-\(first)",
        CasePacket([
          CasePacket.Part(grant: .page(0), offset: 0, size: first),
          CasePacket.Part(grant: .page(0), offset: first, size: 200 - first),
        ]), small)
    }
    + (0..<8).map { place in
      var packet = CasePacket([40, 30, 200, 40])
      packet.flags = TxFlags(rawValue: 0x10 << place | 0xf000)
      return TxCase(
        "slots/unknown-flags-\(place)",
        packet.changing(2) { $0.flags = TxFlags(rawValue: 0x000b | 0x20 << place) }, small)
    }
}
