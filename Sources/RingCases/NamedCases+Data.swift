import Netif
import XenRing

extension NamedCases {
  /// References that do not work, at every place of packets of several lengths.
  static let grants: [TxCase] =
    [1, 2, 3, 17, 18, 19].flatMap { count in
      badGrants(slots: count, size: 100) + badGrants(slots: count, size: 600)
        + badGrants(slots: count, size: 3000)
    } + badFirstGrants(.unknown) + badFirstGrants(.revoked) + mixedGrants

  private static func badFirstGrants(_ grant: CaseGrant) -> [TxCase] {
    [14, 60, 127, 128, 129, 300].map { size in
      TxCase(
        "grant/\(grant)-first-own-\(size)",
        CasePacket([size, 200]).changing(0) { $0.grant = grant }, small)
    }
  }

  private static let mixedGrants: [TxCase] = [
    TxCase(
      "grant/bad-between-good", small,
      CasePacket([300]).changing(0) { $0.grant = .unknown }, CasePacket([300], page: 4)),
    TxCase(
      "grant/bad-with-extras", small,
      CasePacket([300, 300]).with(gso, .xdp(headroom: 0)).changing(1) { $0.grant = .revoked },
      small),
    TxCase(
      "grant/bad-empty-inside-linear",
      CasePacket([60, 0, 60]).changing(1) { $0.grant = .unknown }, small),
    TxCase(
      "grant/bad-and-empty-slots",
      CasePacket([300, 0, 300, 0, 300]).changing(2) { $0.grant = .unknown }, small),
    TxCase(
      "grant/bad-in-dropped-packet",
      CasePacket([300, 300], declared: 100).changing(0) { $0.grant = .unknown }, small),
  ]

  private static func badGrants(slots count: Int, size: UInt16) -> [TxCase] {
    let packet = CasePacket(slots: count, of: size)
    let places = Set([0, 1, count / 2, count - 1]).filter { $0 < count }.sorted()
    let one = places.map { place in
      TxCase(
        "grant/unknown-\(size)-\(place)-of-\(count)",
        packet.changing(place) { $0.grant = .unknown }, small)
    }
    var all = packet
    for place in all.parts.indices { all.parts[place].grant = .revoked }
    return one + [TxCase("grant/revoked-\(size)-all-of-\(count)", all, small)]
  }

  /// Checksums and segmentation: what the frame's headers must allow.
  static let offloads: [TxCase] =
    (0..<UInt8(CasePages.count)).flatMap { page in
      [TxFlags.checksumBlank, .dataValidated, []].enumerated().flatMap { number, flags in
        [
          TxCase(
            "offload/frame-\(page)-flags-\(number)",
            CasePacket([200], page: page, flags: flags), small),
          TxCase(
            "offload/frame-\(page)-flags-\(number)-gso",
            CasePacket([200, 900], page: page, flags: flags, extras: [gso]), small),
        ]
      }
    }
    + (14...60).map { size in
      TxCase("offload/ipv4-cut-at-\(size)", CasePacket([size], flags: .checksumBlank), small)
    }
    + (14...80).filter { $0 % 4 == 0 || (52...76).contains($0) }.map { size in
      TxCase(
        "offload/ipv6-cut-at-\(size)",
        CasePacket([size], page: 2, flags: .checksumBlank), small)
    }
    + [0, 1, 14, 536, 1459, 65535].flatMap { size in
      [0, 1, 2, 3, 255].map { type in
        TxCase(
          "offload/gso-size-\(size)-type-\(type)",
          CasePacket([300, 2000], extras: [.gso(size: size, type: type)]), small)
      }
    }
    + [
      TxCase("offload/gso-cut-frame", CasePacket([40], extras: [gso]), small),
      TxCase(
        "offload/gso-v6-on-v4",
        CasePacket([300, 2000], extras: [.gso(size: 900, type: 2)]), small),
      TxCase(
        "offload/header-drop-mapped",
        CasePacket([300, 2000], page: 8, flags: .checksumBlank), CasePacket([300, 40], page: 1)),
      TxCase(
        "offload/header-drop-behind-mapped", CasePacket([300, 2000], page: 1),
        CasePacket([300, 2000], page: 8, flags: .checksumBlank), CasePacket([300, 40], page: 1)),
      TxCase(
        "offload/gso-65535",
        CasePacket(
          [UInt16](repeating: 3855, count: 17), flags: .checksumBlank, extras: [gso]), small),
    ]

  /// Several packets, several publishes.
  static let sequences: [TxCase] = [
    TxCase(
      "sequence/copied-and-mapped", CasePacket([60]), CasePacket([600], page: 1),
      CasePacket([61], page: 2), CasePacket([3000, 3000], page: 3), CasePacket([62], page: 5)),
    TxCase("sequence/drop-then-valid", CasePacket([13]), small),
    TxCase(
      "sequence/valid-then-fatal", small, CasePacket([600], page: 3),
      CasePacket([60]).changing(0) { $0.offset = 4090 }, small),
    TxCase(
      "sequence/valid-then-missing-slot",
      slots: small.slots + CasePacket([600]).slots + [
        CaseSlot(.page(2), size: 60, flags: .moreData)
      ]),
    TxCase(
      "sequence/every-kind", small, CasePacket([10]), CasePacket([200, 0, 300]),
      CasePacket([60]).with(.multicastAdd(address)), CasePacket([90], page: 7),
      CasePacket([300]).changing(0) { $0.grant = .unknown },
      CasePacket(slots: 19, of: 200), CasePacket(slots: 20, of: 200), small),
    TxCase("sequence/three-slot-drop", CasePacket([60, 40, 40], declared: 70), small),
    TxCase(
      "sequence/three-slot-drop-across", start: 0xffff_fffe,
      [
        .publish(CasePacket([60, 40, 40], declared: 70).slots + small.slots, beyond: 0)
      ]),
    TxCase(
      "sequence/multicast-full-reconnect",
      [
        .publish(
          (0..<65).flatMap { (place: UInt64) in
            CasePacket([60]).with(.multicastAdd(MACAddress(bits: place))).slots
          }, beyond: 0),
        .reconnect,
        .publish(CasePacket([60]).with(.multicastAdd(address)).slots, beyond: 0),
      ]),
    hidingFeatures(
      TxCase(
        "sequence/features-not-advertised", CasePacket([600, 900]).with(gso),
        CasePacket([60, 40], flags: .checksumBlank),
        CasePacket([60]).with(.hash(type: 1, algorithm: 1, value: 7)),
        CasePacket([60]).with(.multicastAdd(address)), CasePacket(slots: 19, of: 200), small)),
    TxCase(
      "sequence/reconnect-goes-on",
      [
        .publish(small.slots, beyond: 0), .reconnect, .publish(small.slots, beyond: 0),
      ]),
    TxCase(
      "sequence/reconnect-after-fatal",
      [
        .publish(CasePacket([4097]).slots, beyond: 0), .reconnect,
        .publish(small.slots, beyond: 0),
      ]),
  ]

  private static func hidingFeatures(_ asked: TxCase) -> TxCase {
    var asked = asked
    asked.hidesFeatures = true
    return asked
  }

  /// Cases that take time: the credit of a queue.
  static let timed: [TxCase] =
    [
      ("credit/within", [[600], [300]]), ("credit/second-waits", [[600], [600]]),
      ("credit/larger-than-window", [[1400]]),
      ("credit/charged-though-dropped", [[10], [600], [600]]),
      ("credit/exact", [[1000], [14]]),
    ].map { (name: String, packets: [[UInt16]]) in
      rated(name, [publish(packets), moment, windows])
    } + [
      rated(
        "credit/raised-while-waiting",
        [publish([[600], [600]]), moment, .changeRate(rate(bytes: 5000)), moment, windows]),
      rated(
        "credit/lowered-while-waiting",
        [publish([[600], [600]]), moment, .changeRate(rate(bytes: 100)), moment, windows]),
      rated(
        "credit/lowered",
        [
          publish([[100]]), moment, .changeRate(rate(bytes: 500)), moment, publish([[600]]),
          moment, windows,
        ]),
    ]

  /// Long enough for what is due now.
  private static let moment = CaseStep.pause(milliseconds: 500)
  /// Longer than two windows.
  private static let windows = CaseStep.pause(milliseconds: 9000)

  private static func rate(bytes: UInt64) -> CaseRate {
    CaseRate(bytes: bytes, microseconds: 4_000_000)
  }

  private static func rated(_ name: String, _ steps: [CaseStep]) -> TxCase {
    TxCase(name, rate: rate(bytes: 1000), steps)
  }

  private static func publish(_ packets: [[UInt16]]) -> CaseStep {
    .publish(packets.flatMap { CasePacket($0).slots }, beyond: 0)
  }
}
