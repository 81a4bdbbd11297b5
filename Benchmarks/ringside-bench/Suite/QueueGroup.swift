import Netback
import SimulatedXen

extension BenchGroup {
  /// One queue with its worker, and two on two processors; both ends of a queue step in turn on one thread.
  static let queues = BenchGroup("queues") { scale in
    _ = try Cores.two()
    let world = try WorkerMachine(pairs: 2, size: 64)
    let packets = scale.isQuick ? 100_000 : 1_000_000
    return WorkersBench.Direction.allCases.flatMap { direction in
      (1...2).map { count in
        Contest("\(direction.rawValue), \(count) of them", .millions) {
          Entrants(ours: {
            let turns = world.pairs.prefix(count).map { PairTurn($0) }
            PinnedThreads.run(
              turns.enumerated().map { place, turn in (place, { turn.run(packets, direction) }) })
            return try WorkerRound(turns).rate / 1e6
          })
        }
      }
    }
  }
}
