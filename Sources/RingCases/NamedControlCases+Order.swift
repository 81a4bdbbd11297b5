import Netif
import XenRing

extension NamedControlCases {
  /// Messages whose answers hang on those before them.
  static let orders: [ControlCase] = [
    ControlCase(
      "order/algorithm-types-key-mapping", toeplitz, ControlSlot(.setHashFlags, 15),
      ControlSlot(.setHashKey, ControlPages.key.grant, 40), ControlSlot(.setHashMappingSize, 128),
      map(.bothQueues, 128, at: 0), flags),
    ControlCase(
      "order/mapping-before-algorithm", ControlSlot(.setHashMappingSize, 2),
      map(.bothQueues, 2, at: 0), toeplitz, map(.bothQueues, 2, at: 0)),
    ControlCase(
      "order/types-before-algorithm", ControlSlot(.setHashFlags, 15), toeplitz,
      ControlSlot(.setHashFlags, 15)),
    ControlCase(
      "order/types-after-none", toeplitz, ControlSlot(.setHashFlags, 15), none,
      ControlSlot(.setHashFlags, 1), flags),
    ControlCase(
      "order/unknown-algorithm-keeps-the-old", toeplitz, ControlSlot(.setHashAlgorithm, 2), flags),
    ControlCase(
      "order/size-shrinks-under-mapping", ControlSlot(.setHashMappingSize, 128),
      map(.bothQueues, 128, at: 0), ControlSlot(.setHashMappingSize, 4),
      map(.bothQueues, 5, at: 0), map(.bothQueues, 4, at: 0), map(.bothQueues, 1, at: 4)),
    ControlCase(
      "order/size-of-none-ends-mapping", ControlSlot(.setHashMappingSize, 4),
      ControlSlot(.setHashMappingSize, 0), map(.bothQueues, 1, at: 0),
      map(.bothQueues, 0, at: 0)),
    ControlCase(
      "order/good-after-bad", ControlSlot(.setHashMappingSize, 64), map(.badFirst, 1, at: 0),
      map(.badInTheMiddle, 64, at: 0), map(.badInTheMiddle, 63, at: 0), map(.bothQueues, 64, at: 0)),
    ControlCase(
      "order/unknown-types-between", toeplitz, ControlSlot(0), flags, ControlSlot(11), flags,
      ControlSlot(.setHashAlgorithm, 7), flags, ControlSlot(0xffff), none, flags),
    ControlCase(
      "order/parts",
      [
        .publish([ControlSlot(.setHashMappingSize, 128)], beyond: 0),
        .publish([map(.bothQueues, 64, at: 0)], beyond: 0),
        .publish([map(.bothQueues, 64, at: 64), map(.bothQueues, 65, at: 64)], beyond: 0),
      ]),
    ControlCase(
      "order/same-id-twice", ControlSlot(4, id: 7), ControlSlot(4, id: 7), ControlSlot(1, id: 7)),
    ControlCase(
      "order/reconnect-keeps-what-is-set",
      [
        .publish([toeplitz, ControlSlot(.setHashMappingSize, 3)], beyond: 0), .reconnect,
        .publish([flags, map(.bothQueues, 3, at: 0), map(.bothQueues, 4, at: 0)], beyond: 0),
      ]),
  ]

  /// Producers, honest and not.
  static let rings: [ControlCase] =
    [1, 2, 64, 127, 128].map { count in
      fresh("ring/full-\(count)", (0..<count).map { ControlSlot(4, id: UInt16($0)) })
    }
    + [1, 2, 100, 127].map { fresh("ring/one-beyond-\($0)", [ControlSlot(4)], beyond: $0) }
    + [1, 64, 128].map { fresh("ring/empty-beyond-\($0)", [], beyond: $0) }
    + [
      // Further ahead Linux answers, too, but for hours.
      fresh("ring/one-beyond-128", [ControlSlot(4)], beyond: 128),
      fresh("ring/empty-beyond-129", [], beyond: 129),
      fresh("ring/empty-beyond-1000", [], beyond: 1000),
      fresh("ring/full-and-one-beyond", (0..<128).map { ControlSlot(4, id: $0) }, beyond: 1),
    ]

  /// On a ring of its own: what a producer claims beyond the slots written must be known.
  private static func fresh(
    _ name: String, _ messages: [ControlSlot], beyond: UInt32 = 0
  ) -> ControlCase {
    ControlCase(name, start: 0x1000, [.publish(messages, beyond: beyond)])
  }

  /// A vif with one queue has none but the first.
  static let oneQueue: [ControlCase] =
    [ControlPages.firstQueue, .bothQueues, .badInTheMiddle].flatMap { page in
      [1, 2, 64].map { (count: UInt32) in
        var asked = ControlCase(
          "one-queue/\(page)-\(count)", ControlSlot(.setHashMappingSize, 128),
          map(page, count, at: 0), ControlSlot(.getHashMappingSize))
        asked.queues = 1
        return asked
      }
    }
}
