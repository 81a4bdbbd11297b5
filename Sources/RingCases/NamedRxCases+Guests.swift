import Netif
import XenRing

extension NamedRxCases {
  /// What a request says beside its page; producers that lie.
  static let requests: [RxCase] =
    [
      ("pad", (0..<3).map { RxSlot(.page(UInt8($0)), pad: 0xffff) }),
      ("same-id", (0..<3).map { RxSlot(.page(UInt8($0)), id: 0xffff) }),
      ("same-page", Array(repeating: RxSlot(.page(0)), count: 3)),
    ].map { (name: String, slots: [RxSlot]) in
      RxCase("request/\(name)", [.post(slots), .send([CaseFrame(9000)])])
    } + [1, 2, 253, 254, 1000, 0x7fff_ffff].map(lie)

  /// The slots behind the first two are zeros, as the ring was made: reference 0 was never granted.
  private static func lie(_ beyond: UInt32) -> RxCase {
    let slots = (0..<2).map { RxSlot(.page(UInt8($0))) }
    var asked = RxCase(
      "request/producer-\(beyond)-beyond",
      [
        .post(slots, beyond: beyond, queue: 0), .send([CaseFrame(60), CaseFrame(8193)]),
      ])
    asked.start = RingIndex(rawValue: 0x100)
    return asked
  }

  /// Frames that are still to be cut.
  static let uncut: [RxCase] = [false, true].flatMap { isIPv6 in
    [1514, 4095, 4096, 4097, 8192, 8193, 9000, 32_768, 65_534, 65_535].map { length in
      ample(
        "uncut/\(isIPv6 ? 6 : 4)-\(length)", [.uncut(length, segment: 1400, isIPv6: isIPv6)])
    }
  }

  static let segments: [RxCase] = [88, 536, 1448, 8192, 19_000].map { size in
    ample("uncut/segment-\(size)", [.uncut(20_000, segment: UInt16(size))], spare: 1)
  }

  /// Several frames in a row.
  static let lists: [RxCase] = [
    ample(
      "list/mixed",
      [
        CaseFrame(60), .uncut(9000, segment: 1448), .unfinished(1514, kind: 1), CaseFrame(4097),
        .uncut(5000, segment: 1000, isIPv6: true), CaseFrame(14), .unfinished(200, kind: 3),
      ]),
    ample("list/long", (0..<8).map { CaseFrame(longest - $0, number: $0) }),
    RxCase(
      "list/in-two-goes",
      [
        .post(20), .send([CaseFrame(9000), CaseFrame(60)]), .send([CaseFrame(4096)]),
        .post(5, from: 20), .send([CaseFrame(longest)]), .send([CaseFrame(32_768, number: 1)]),
      ]),
  ]

  /// Guests that can do less, each given what it can take.
  static let guests: [RxCase] = [
    guest("guest/tcpv4-only", without: ["feature-gso-tcpv6"]) {
      ample($0, [.uncut(9000, segment: 1448), .unfinished(200, kind: 2)])
    },
    guest("guest/tcpv6-only", without: ["feature-gso-tcpv4"]) {
      ample($0, [.uncut(9000, segment: 1448, isIPv6: true), .unfinished(200, kind: 0)])
    },
    guest("guest/no-segmentation", without: ["feature-gso-tcpv4", "feature-gso-tcpv6"]) {
      ample($0, [CaseFrame(9000), .unfinished(4097, kind: 0)])
    },
    guest("guest/one-slot", without: ["feature-sg", "feature-gso-tcpv4", "feature-gso-tcpv6"]) {
      ample($0, [CaseFrame(1514), CaseFrame(14)])
    },
    guest("guest/no-ipv6-checksum", without: ["feature-ipv6-csum-offload"]) {
      ample($0, [.unfinished(200, kind: 0), CaseFrame(200, kind: 2)])
    },
    guest("guest/no-ipv4-checksum", with: ["feature-no-csum-offload": "1"]) {
      ample($0, [.unfinished(200, kind: 2), CaseFrame(200, kind: 0)])
    },
    guest("guest/notifies", with: ["feature-rx-notify": "1"]) {
      RxCase($0, [.send([CaseFrame(60)]), .pause(milliseconds: 400), .post(1)])
    },
  ]

  /// Guests that do not tell of requests. They come last: Linux waits for a vif's requests as briefly
  /// ever after.
  static let silent: [RxCase] = [
    guest("guest/frames-expire", without: ["feature-rx-notify"]) {
      RxCase(
        $0,
        [
          .send([CaseFrame(60)]), .pause(milliseconds: 400), .post(2), .send([CaseFrame(61)]),
        ])
    },
    guest("guest/frames-expire-behind-one", without: ["feature-rx-notify"]) {
      RxCase(
        $0,
        [
          .post(1), .send([CaseFrame(5000), CaseFrame(62)]), .pause(milliseconds: 400),
          .send([CaseFrame(61)]),
        ])
    },
  ]

  private static func guest(
    _ name: String, without keys: [String] = [], with extra: [String: String] = [:],
    _ make: (String) -> RxCase
  ) -> RxCase {
    var asked = make(name)
    asked.guest.keys = extra
    for key in keys { asked.guest.keys[key] = "0" }
    return asked
  }

  /// Room that the guest wants before the data; requests enough for it and its extra info.
  static let headroom: [RxCase] = [0, 1, 256, 4000].flatMap { (room: Int) in
    Set([60, 96, 97, page - room, page + 1 - room, 2 * page - room, 9000]).sorted().map {
      var asked = RxCase(
        "headroom/\(room)-\($0)", [.post(200), .send([CaseFrame($0), CaseFrame(60)])])
      asked.guest.keys = ["xdp-headroom": "\(room)"]
      return asked
    }
  }
}
