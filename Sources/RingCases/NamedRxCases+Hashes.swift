import Netif
import XenRing

extension NamedRxCases {
  /// What the control ring has set, seen in the queue that a frame goes to and in its extra infos.
  static let hashes: [RxCase] = [
    FrameTemplate.all.indices.map { kind in
      hash("hash/head-\(kind)", [CaseFrame(200, kind: kind), CaseFrame(200, kind: kind)])
    },
    [0, 1, 2, 4, 8, 5, 10].map { hash("hash/types-\($0)", oneOfEach, types: $0) },
    [0, 1, 8, 39, 40].map { hash("hash/key-\($0)", oneOfEach, key: $0) },
    [0, 1, 2, 3, 7, 127, 128].map { hash("hash/mapping-\($0)", oneOfEach, mapping: $0) },
    [
      hash("hash/uncut", [.uncut(9000, segment: 1448), .uncut(9000, segment: 1448, isIPv6: true)]),
      hash("hash/long", [CaseFrame(longest)]),
    ],
  ].flatMap(\.self)

  private static let oneOfEach = (0...3).map { CaseFrame(100, kind: $0) }

  private static func hash(
    _ name: String, _ frames: [CaseFrame], types: UInt32 = 15, key: UInt32 = 40,
    mapping: UInt32 = 5
  ) -> RxCase {
    var asked = RxCase(name, [.post(40), .post(40, from: 40, queue: 1), .send(frames)])
    asked.guest.queues = 2
    asked.control = [
      NamedControlCases.toeplitz, ControlSlot(.setHashFlags, types),
      ControlSlot(.setHashKey, ControlPages.key.grant, key),
      ControlSlot(.setHashMappingSize, mapping),
      NamedControlCases.map(.bothQueues, mapping, at: 0),
    ]
    return asked
  }
}
