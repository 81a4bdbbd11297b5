import CAllocationCount
import Foundation
import Netback
import Replayer
import SimulatedXen
import TraceFormat

extension BenchGroup {
  /// Pieces of memory that the working thread asks for, for each packet or event. Counted, not timed: what a round takes to
  /// begin is in two rounds of different length alike, and not in their difference.
  static let allocations = BenchGroup("allocations") { scale in
    let cores = try Cores.two()
    return sends(cores) + [receive(cores)] + traces(scale)
  }

  private static func sends(_ cores: GuestThread.Cores) -> [Contest] {
    let kinds: [(DataPath, UInt16, UInt32)] = [
      (.copy, 64, 1), (.copy, 5840, 4), (.map, 1460, 1), (.mapLarge, 1460, 1), (.lazy, 1460, 1),
    ]
    return kinds.map { path, size, slots in
      contest("tx, \(path.rawValue) \(size)" + (slots > 1 ? ", \(slots) slots" : "")) { packets in
        let load = ThroughputLoad(path: path, size: size, slots: slots, packets: packets, burst: 32)
        let duel = try ThroughputDuel(load, on: cores)
        return { _ = try duel.timeOurs() }
      }
    }
  }

  private static func receive(_ cores: GuestThread.Cores) -> Contest {
    contest("rx, copy 64") { packets in
      let load = ThroughputLoad(path: .copy, size: 64, packets: packets, burst: 32)
      let duel = try ReceiveDuel(load, on: cores)
      return { _ = try duel.timeOurs() }
    }
  }

  private static func traces(_ scale: BenchScale) -> [Contest] {
    [
      events("record", scale) { file in
        let events = try LoadedEvents(octets: file, level: 6)
        return { try events.write(times: 1) }
      },
      events("scan", scale) { file in { _ = try LoadedEvents.scan(file) } },
      events("replay", scale) { file in
        {
          let world = ReplayWorld(on: SimulatedMachine(seed: 1))
          _ = try Replayer(in: world).replay(MemorySource(file))
        }
      },
    ]
  }

  /// A round of so many packets, and one of twice as many.
  private static func contest(
    _ name: String, _ make: @escaping (UInt64) throws -> () throws -> Void
  ) -> Contest {
    Contest(name, .allocations) {
      let packets: UInt64 = 50_000
      let (one, two) = (try make(packets), try make(2 * packets))
      return Entrants(ours: { try difference(one, two) / Double(packets) })
    }
  }

  /// A round over a trace, and one over a trace twice as long.
  private static func events(
    _ name: String, _ scale: BenchScale, _ make: @escaping ([UInt8]) throws -> () throws -> Void
  ) -> Contest {
    Contest(name, .allocations) {
      let files = try [2, 4].map { try LargeTrace.octets(of: scale.trace, times: $0) }
      let counts = try files.map { try LoadedEvents.scan($0) }
      let rounds = try files.map { try make($0) }
      return Entrants(ours: { try difference(rounds[0], rounds[1]) / Double(counts[1] - counts[0]) }
      )
    }
  }

  private static func difference(
    _ one: () throws -> Void, _ two: () throws -> Void
  ) rethrows -> Double {
    let (few, many) = (try count(one), try count(two))
    return Double(many) - Double(few)
  }

  /// Of this thread.
  private static func count(_ body: () throws -> Void) rethrows -> UInt64 {
    let before = allocation_count()
    try body()
    return allocation_count() - before
  }
}
