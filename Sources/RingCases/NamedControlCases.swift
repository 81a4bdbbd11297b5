import Netif
import XenRing

/// Control cases with a name: each message, each boundary, each known attack.
enum NamedControlCases {
  static let all: [ControlCase] =
    [
      types, algorithms, keys, sizes, mappings, badEntries, orders,
      (rings + orders).map { $0.wrapping(behind: 1) },
      rings, oneQueue,
    ].flatMap(\.self)

  static let toeplitz = ControlSlot(.setHashAlgorithm, HashAlgorithm.toeplitz.rawValue)
  static let none = ControlSlot(.setHashAlgorithm, HashAlgorithm.none.rawValue)
  /// Shows whether there is an algorithm.
  static let flags = ControlSlot(.getHashFlags)

  /// Every type, with an algorithm and without, with arguments that mean nothing.
  private static let types: [ControlCase] =
    ((0...12) + [255, 256, 0x7fff, 0x8000, 0xffff]).flatMap { (type: UInt16) in
      [
        ControlCase("type/\(type)", ControlSlot(type, id: 0xffff), flags),
        ControlCase("type/\(type)-all-ones", ControlSlot(type, .max, .max, .max), flags),
        ControlCase("type/\(type)-with-algorithm", toeplitz, ControlSlot(type, id: 0), flags),
        ControlCase(
          "type/\(type)-all-ones-with-algorithm", toeplitz, ControlSlot(type, .max, .max, .max),
          flags),
      ]
    }

  private static let algorithms: [ControlCase] =
    [0, 1, 2, 0x101, 1 << 31, .max].map { (number: UInt32) in
      ControlCase("algorithm/\(number)", ControlSlot(.setHashAlgorithm, number), flags)
    }
    + [0, 1, 2, 4, 8, 5, 10, 15, 16, 17, 31, 1 << 31, .max].flatMap { (types: UInt32) in
      [
        ControlCase(
          "flags/\(types)", toeplitz, ControlSlot(.setHashFlags, types), flags),
        ControlCase("flags/\(types)-without-algorithm", ControlSlot(.setHashFlags, types), flags),
      ]
    }

  private static let keys: [ControlCase] =
    [0, 1, 2, 39, 40, 41, 255, 4095, 4096, 4097, 0x10000, 0x10028, 1 << 31, .max].flatMap {
      (length: UInt32) in
      [("good", ControlPages.key.grant), ("unknown", .unknown), ("revoked", .revoked)].map {
        name, grant in
        ControlCase("key/\(length)-\(name)", toeplitz, ControlSlot(.setHashKey, grant, length))
      }
    } + [ControlCase("key/without-algorithm", ControlSlot(.setHashKey, ControlPages.key.grant, 40))]

  private static let sizes: [ControlCase] =
    [0, 1, 2, 127, 128, 129, 255, 256, 1024, 0x10000, 1 << 31, .max].map { (size: UInt32) in
      // What lies at its end and behind it shows how large the mapping became.
      ControlCase(
        "size/\(size)", ControlSlot(.setHashMappingSize, size), ControlSlot(.getHashMappingSize),
        map(.firstQueue, 1, at: size &- 1), map(.firstQueue, 0, at: size),
        map(.firstQueue, 1, at: size))
    } + [
      ControlCase(
        "size/refused-keeps-the-old", ControlSlot(.setHashMappingSize, 4),
        ControlSlot(.setHashMappingSize, 129), map(.firstQueue, 4, at: 0),
        map(.firstQueue, 5, at: 0))
    ]

  static func map(_ page: ControlPages, _ count: UInt32, at place: UInt32) -> ControlSlot {
    ControlSlot(.setHashMapping, page.grant, count, place)
  }

  /// Parts of a mapping of four, and of 128: inside, at its end, behind it, and wherever the sum of
  /// offset and length, or their octets, do not fit.
  private static let mappings: [ControlCase] =
    parts(of: 4) + parts(of: 128) + [
      ControlCase("mapping/none-of-none", map(.bothQueues, 0, at: 0)),
      ControlCase("mapping/one-of-none", map(.bothQueues, 1, at: 0)),
    ]

  private static func parts(of size: UInt32) -> [ControlCase] {
    let last = size - 1
    let half = size / 2
    let parts: [(UInt32, UInt32)] = [
      (0, 0), (1, 0), (size, 0), (size + 1, 0), (1, last), (2, last), (0, size), (1, size),
      (0, size + 1), (half, half), (half + 1, half), (0x10, 0xffff_fff8), (1, .max), (0, .max),
      (.max, 0), (.max, 1), (.max, .max), (1024, 0), (1025, 0), (0x4000, 0), (0x4001, 0),
      (0x4000_0000, 0), (0x4000_0001, 0), (1 << 31, 1 << 31),
    ]
    return parts.map { count, place in
      ControlCase(
        "mapping/\(count)-at-\(place)-of-\(size)", ControlSlot(.setHashMappingSize, size),
        map(.bothQueues, count, at: place))
    }
  }

  /// Entries that name no queue, and pages that cannot be read.
  private static let badEntries: [ControlCase] =
    ControlPages.allCases.flatMap { page in
      [1, 63, 64, 65, 127, 128].map { (count: UInt32) in
        ControlCase(
          "entries/\(page)-\(count)", ControlSlot(.setHashMappingSize, 128),
          map(.bothQueues, 128, at: 0), map(page, count, at: 128 - count),
          map(.firstQueue, 128, at: 0))
      }
    }
    + [("unknown", CaseGrant.unknown), ("revoked", .revoked)].flatMap { name, grant in
      [0, 1, 128, 129].map { (count: UInt32) in
        ControlCase(
          "entries/\(name)-\(count)", ControlSlot(.setHashMappingSize, 128),
          ControlSlot(.setHashMapping, grant, count))
      }
    }
}
