import ArgumentParser
import SimulatedXen

/// Two pairs of guest and worker on two processors beside one pair on one.
struct WorkersBench: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "workers",
    abstract: "Measures what a second group of workers on a second processor brings.",
    discussion: "Example: ringside-bench workers --rounds 15")

  /// Which way packets go.
  enum Direction: String, CaseIterable {
    case fromGuest = "from the guest"
    case toGuest = "to the guest"
  }

  @Option(help: "Packets of each pair in a round.") var packets = 1_000_000
  @Option(help: "Octets in each.") var size = 64
  @Option(help: "Rounds, of which the median counts.") var rounds = 15

  func run() throws {
    let world = try WorkerMachine(pairs: 2, size: size)
    print(WorkerRounds.head)
    for takesLock in [false, true] {
      for direction in Direction.allCases {
        world.machine.copiesTakeDomainLock = takesLock
        var measured = WorkerRounds(direction.rawValue + (takesLock ? ", domain lock" : ""))
        let before = world.sharedLocks
        // A round each to warm up.
        for round in 0...rounds {
          // The single pair takes turns on the processors, which need not be equally fast.
          let one = try run([world.pairs[round % 2]], direction, first: round % 2)
          let two = try run(world.pairs, direction, first: 0)
          if round > 0 { measured.add(one, two) }
        }
        measured.locks = world.sharedLocks - before
        measured.packets = 3 * packets * (rounds + 1)
        print(measured.line)
      }
    }
  }

  /// Runs pairs at once, each on its processor.
  private func run(
    _ pairs: [WorkerPair], _ direction: Direction, first: Int
  ) throws -> WorkerRound {
    let (packets, turns) = (packets, pairs.map { PairTurn($0) })
    PinnedThreads.run(
      turns.enumerated().map { place, turn in
        (first + place, { turn.run(packets, direction) })
      })
    return try WorkerRound(turns)
  }
}

/// What one pair does in a round, on its thread.
final class PairTurn {
  private let pair: WorkerPair
  private(set) var arrived = 0
  private(set) var failure: (any Error)?
  /// Seconds on the wall, and of the processor.
  private(set) var wall = 0.0
  private(set) var processor = 0.0

  init(_ pair: WorkerPair) { self.pair = pair }

  func run(_ packets: Int, _ direction: WorkersBench.Direction) {
    let start = ContinuousClock.now
    do {
      processor = try ProcessorTime.thread.measure {
        arrived =
          direction == .fromGuest ? try pair.send(packets) : try pair.receive(packets)
      }
    } catch { failure = error }
    let length = start.duration(to: .now).components
    wall = Double(length.seconds) + Double(length.attoseconds) * 1e-18
  }
}

/// What all pairs of a round came to.
struct WorkerRound {
  /// Packets a second, all pairs together.
  let rate: Double
  /// Nanoseconds of processor time for a packet.
  let cost: Double

  init(_ turns: [PairTurn]) throws {
    for turn in turns { if let failure = turn.failure { throw failure } }
    let arrived = turns.reduce(0) { $0 + $1.arrived }
    rate = Double(arrived) / (turns.map(\.wall).max() ?? .infinity)
    cost = turns.reduce(0) { $0 + $1.processor } * 1e9 / Double(max(arrived, 1))
  }
}

/// One line of the result table.
struct WorkerRounds {
  private let name: String
  private var one: [WorkerRound] = []
  private var two: [WorkerRound] = []
  /// Locks that the packets of all rounds took.
  var locks: UInt64 = 0
  var packets = 0

  init(_ name: String) { self.name = name }

  mutating func add(_ one: WorkerRound, _ two: WorkerRound) {
    self.one.append(one)
    self.two.append(two)
  }

  static let head = [
    pad("what", 30), pad("1 pair, M/s", 13), pad("2 pairs", 9), pad("ratio", 7),
    pad("spread", 14), pad("CPU ns, 1", 11), pad("2", 9), "locks/packet",
  ].joined(separator: " ")

  var line: String {
    let ratios = zip(one, two).map { $1.rate / $0.rate }
    let spread = "\(fixed(ratios.min() ?? 0)) - \(fixed(ratios.max() ?? 0))"
    let columns = [
      pad(name, 30), pad(fixed(Rounds.median(one.map(\.rate)) / 1e6), 13),
      pad(fixed(Rounds.median(two.map(\.rate)) / 1e6), 9),
      pad(fixed(Rounds.median(ratios)), 7), pad(spread, 14),
      pad(fixed(Rounds.median(one.map(\.cost))), 11),
      pad(fixed(Rounds.median(two.map(\.cost))), 9),
    ]
    let share = locks == 0 ? "0" : fixed(Double(locks) / Double(packets))
    return (columns + [share]).joined(separator: " ")
  }
}
