import Netback
import Netif
import XenRing

// Staging messages around their bounds, on a vif that keeps pages mapped for its guest. What a message did shows in how many
// pages can be taken out behind it.

extension ControlCase {
  static var stagingCells: [CellSet<ControlCase>] {
    [
      set("staging/queue", "a staging message names a queue that there is", queues),
      set("staging/list-length", "a list has 512 entries at most: a page", lengths),
      set("staging/table", "a queue keeps 1,024 pages at most", tables),
      set("staging/entry", "a list is added whole or not at all", entries),
      set("staging/duplicate", "a page is staged once", duplicates),
      set("staging/list", "a list can be read, and written to where pages go", lists),
      set("staging/delete", "what is taken out was there, and is counted", deletions),
    ]
  }

  private typealias Cell = (name: String, queues: Int, messages: [ControlSlot])

  /// On a fresh connection each: tables go with their queues.
  private static func set(
    _ rule: String, _ says: String, _ cells: [Cell]
  ) -> CellSet<ControlCase> {
    let cases = cells.map { cell in
      var asked = ControlCase(cell.name, start: 0x40, [.publish(cell.messages, beyond: 0)])
      asked.queues = cell.queues
      asked.isStaging = true
      return asked
    }
    return CellSet(rule, says, path: .staged, cases)
  }

  private static func add(
    _ list: StagingList, queue: UInt32 = 0, count: UInt32? = nil
  ) -> ControlSlot {
    ControlSlot(.addGrantMapping, queue: queue, list, count: count)
  }

  private static func delete(
    _ list: StagingList, queue: UInt32 = 0, count: UInt32? = nil
  ) -> ControlSlot {
    ControlSlot(.deleteGrantMapping, queue: queue, list, count: count)
  }

  /// The last queue, the number of queues, one more.
  private static var queues: [Cell] {
    [1, 2].flatMap { count in
      MatrixBound.allCases.flatMap { bound in
        let queue = UInt32(count + bound.rawValue)
        let size = ControlSlot(.getGrantMappingSize, queue: queue)
        return [
          ("\(bound)/size/queues-\(count)", count, [size]),
          (
            "\(bound)/list/queues-\(count)", count,
            [add(StagingList(0..<3), queue: queue), delete(StagingList(0..<3), queue: queue)]
          ),
          // What one queue keeps another does not.
          (
            "\(bound)/other/queues-\(count)", count,
            [
              add(StagingList(0..<3)), delete(StagingList(0..<3), queue: queue),
              delete(StagingList(0..<3)),
            ]
          ),
        ]
      }
    }
  }

  private static var lengths: [Cell] {
    let full = StagingList(0..<512)
    return MatrixBound.allCases.flatMap { bound in
      let count = UInt32(512 + bound.rawValue)
      return [
        ("\(bound)/add", 1, [add(full, count: count), delete(full)]),
        ("\(bound)/delete", 1, [add(full), delete(full, count: count), delete(full)]),
      ]
        + [0, UInt32.max - 1].map { base in
          let count = base &+ UInt32(bound.rawValue + 1)
          return ("\(bound)/around-\(base)", 1, [add(full, count: count), delete(full)])
        }
    }
  }

  /// 1,023, 1,024 and 1,025 pages in all, the last of them by a list of their own.
  private static var tables: [Cell] {
    MatrixBound.allCases.flatMap { bound in
      [1, 2, 100].map { last in
        let total = 1024 + bound.rawValue
        let lists = [0..<512, 512..<(total - last), (total - last)..<total].map { StagingList($0) }
        return ("\(bound)/last-\(last)", 1, lists.map { add($0) } + lists.map { delete($0) })
      }
    }
  }

  /// An entry that can be staged, can be as it is, cannot: at each end and in the middle.
  private static var entries: [Cell] {
    let kinds: [(String, StagingList.Entry)] = [
      (
        "below/read-only-page-to-read",
        StagingList.Entry(page: StagingList.readOnlyPage, isReadOnly: true)
      ),
      ("at/writable-page-to-read", StagingList.Entry(page: 40, isReadOnly: true)),
      ("above/read-only-page-to-write", StagingList.Entry(page: StagingList.readOnlyPage)),
      ("above/no-page", StagingList.Entry(page: 2000)),
      ("above/no-page-to-read", StagingList.Entry(page: 2000, isReadOnly: true)),
    ]
    return kinds.flatMap { kind, entry in
      [1, 2, 5, 70].flatMap { count in
        Set([0, count / 2, count - 1]).sorted().map { place in
          var list = StagingList(0..<count)
          list.entries[place] = entry
          return ("\(kind)/entry-\(place)-of-\(count)", 1, [add(list), delete(list)])
        }
      }
    }
  }

  private static var duplicates: [Cell] {
    let some = StagingList(0..<4)
    return [
      ("below/none", 1, [add(some), add(StagingList(4..<8)), delete(some)]),
      ("at/in-the-list", 1, [add(StagingList([2, 3, 2].map { .init(page: $0) })), delete(some)]),
      (
        "at/to-read-and-to-write", 1,
        [add(StagingList([.init(page: 2), .init(page: 2, isReadOnly: true)])), delete(some)]
      ),
      ("above/staged", 1, [add(some), add(StagingList(3..<9)), delete(StagingList(0..<9))]),
      ("above/staged-and-taken-out", 1, [add(some), delete(some), add(some), delete(some)]),
      (
        "above/on-another-queue", 2,
        [add(some), add(some, queue: 1), delete(some), delete(some, queue: 1)]
      ),
    ]
  }

  private static var lists: [Cell] {
    let accesses: [(String, StagingList.Access)] = [
      ("below/full", .full), ("at/read-only", .readOnly), ("above/revoked", .revoked),
    ]
    return accesses.flatMap { name, access in
      [0, 1, 20].flatMap { count in
        let (whole, list) = (
          StagingList(0..<count), StagingList(StagingList(0..<count).entries, access)
        )
        return [
          ("\(name)/add-\(count)", 1, [add(list), delete(whole)]),
          ("\(name)/delete-\(count)", 1, [add(whole), delete(list), delete(whole)]),
        ]
      }
    }
  }

  private static var deletions: [Cell] {
    let some = StagingList(0..<6)
    return [
      ("below/part", 1, [add(some), delete(StagingList(2..<4)), delete(some)]),
      ("at/all", 1, [add(some), delete(some), delete(some)]),
      (
        "at/twice", 1,
        [add(some), delete(StagingList([1, 1, 2].map { .init(page: $0) })), delete(some)]
      ),
      ("above/more", 1, [add(some), delete(StagingList(4..<9)), delete(some)]),
      ("above/nothing-staged", 1, [delete(some)]),
      (
        "above/never-granted", 1,
        [add(some), delete(StagingList([.init(page: 2000)])), delete(some)]
      ),
    ]
  }
}
