import Netif

extension ControlCase {
  /// The rules of the control ring, each with its cells: alone, behind one and behind five other messages,
  /// to a vif with one queue and with two.
  public static var cells: [CellSet<ControlCase>] {
    [
      set("control/type", "messages of types 1 to 7 are known", types),
      set("control/algorithm", "a hash algorithm is 0 or 1", algorithms),
      set(
        "control/hash-types", "hash types are four bits, and come behind an algorithm", hashTypes),
      set("control/key", "a key has 40 octets at most, out of a page that is granted", keys),
      set("control/mapping-size", "a mapping has 128 entries at most", sizes),
      set("control/mapping-range", "what is set of a mapping lies in it", ranges),
      set("control/mapping-entry", "a mapping names queues that there are", entries),
      CellSet(
        "control/producer", "the producer is a ring ahead at most", producers.withWraps()),
    ] + stagingCells
  }

  private typealias Cell = (name: String, messages: [ControlSlot])

  private static func set(
    _ rule: String, _ says: String, _ cells: [Cell]
  ) -> CellSet<ControlCase> {
    let cases = cells.flatMap { cell in
      [0, 1, 5].flatMap { (before: Int) in
        [1, 2].map { queues in
          let ahead = Array(repeating: ControlSlot(.getHashMappingSize), count: before)
          var asked = ControlCase(
            "\(cell.name)/behind-\(before)/queues-\(queues)",
            [.publish(ahead + cell.messages, beyond: 0)])
          asked.queues = queues
          return asked
        }
      }
    }
    return CellSet(rule, says, cases.withWraps())
  }

  private static let toeplitz = NamedControlCases.toeplitz
  private static let flags = NamedControlCases.flags

  private static func around(_ bound: UInt32) -> [(MatrixBound, UInt32)] {
    MatrixBound.allCases.map { ($0, UInt32(Int(bound) + $0.rawValue)) }
  }

  private static var types: [Cell] {
    [(MatrixBound.below, 0), (.at, 7), (.above, 11)].flatMap { (bound, type: UInt16) in
      [
        ("\(bound)/no-algorithm", [ControlSlot(type), flags]),
        ("\(bound)/algorithm", [toeplitz, ControlSlot(type), flags]),
      ]
    }
  }

  private static var algorithms: [Cell] {
    around(1).map { ("\($0)", [ControlSlot(.setHashAlgorithm, $1), flags]) }
  }

  private static var hashTypes: [Cell] {
    around(15).flatMap { bound, types in
      [
        ("\(bound)/no-algorithm", [ControlSlot(.setHashFlags, types)]),
        ("\(bound)/algorithm", [toeplitz, ControlSlot(.setHashFlags, types)]),
      ]
    }
  }

  private static var keys: [Cell] {
    around(40).flatMap { bound, length in
      [("granted", ControlPages.key.grant), ("revoked", .revoked), ("unknown", .unknown)].map {
        ("\(bound)/\($0)", [ControlSlot(.setHashKey, $1, length)])
      }
    }
  }

  private static func map(_ count: UInt32, at place: UInt32) -> ControlSlot {
    NamedControlCases.map(.firstQueue, count, at: place)
  }

  private static var sizes: [Cell] {
    around(128).map { bound, size in
      (
        "\(bound)",
        [ControlSlot(.setHashMappingSize, size), map(1, at: size - 1), map(1, at: size)]
      )
    }
  }

  private static var ranges: [Cell] {
    let inside: [Cell] = [1, 4, 128].flatMap { (size: UInt32) in
      [0, size / 2, size - 1].flatMap { place in
        around(size - place).map { bound, count in
          (
            "\(bound)/at-\(place)-of-\(size)",
            [ControlSlot(.setHashMappingSize, size), map(count, at: place)]
          )
        }
      }
    }
    // The sum of offset and count passes 2^32.
    return inside
      + [(8, 7), (4, 3)].flatMap { (count: UInt32, bound: UInt32) in
        around(bound).map { bound, rest in
          (
            "\(bound)/wraps\(count == 8 ? "" : "-by-\(count)")",
            [ControlSlot(.setHashMappingSize, 4), map(count, at: .max - rest)]
          )
        }
      }
  }

  private static var entries: [Cell] {
    ControlPages.allCases.flatMap { page in
      around(64).map { bound, count in
        (
          "\(bound)/\(page)",
          [ControlSlot(.setHashMappingSize, 128), NamedControlCases.map(page, count, at: 0)]
        )
      }
    }
  }

  private static var producers: [ControlCase] {
    [0, 1, 64, 126].flatMap { (written: Int) in
      around(128).map { bound, ahead in
        let messages = Array(repeating: ControlSlot(.getHashMappingSize), count: written)
        return ControlCase(
          "\(bound)/\(written)-written", start: 0x1000,
          [.publish(messages, beyond: ahead - UInt32(written))])
      }
    }
  }
}
