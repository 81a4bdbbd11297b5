import ArgumentParser
import Netback
import SimulatedXen
import XenRing

/// How many packets a second go from a guest's ring to a sink, by each data path.
struct ThroughputBench: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "throughput",
    abstract: "Sends packets through the netback on the simulation, beside a backend in C.",
    discussion: """
      One queue, two threads: a guest that fills a ring and takes answers, and a backend that polls it, each \
      on a core of its own. The same guest drives both backends, in turn.
      Example: ringside-bench throughput --path copy --size 64 --rounds 9
      """)

  @Option(
    name: .customLong("path"),
    help: "A data path; may be repeated. By default those of a guest that asks for nothing.")
  var paths: [BenchPath] = [DataPath.copy, .map, .mapLarge, .lazy].map(BenchPath.init)
  @Option(name: .customLong("size"), help: "Octets of a packet; may be repeated.")
  var sizes: [UInt16] = [64, 1460]
  @Option(help: "Rounds, of which the median counts.") var rounds = 9
  @Option(help: "Packets in a round.") var packets: UInt64 = 500_000
  @Option(help: "Packets that the guest publishes at a time.") var burst: UInt32 = 32
  @Option(help: "Slots of a packet; several by the path copy alone.") var slots: UInt32 = 1
  @Flag(help: "Print JSON lines.") var json = false

  func validate() throws {
    guard 1...16 ~= slots, sizes.allSatisfy({ $0 >= 14 && UInt32($0) <= 4096 * slots }) else {
      throw ValidationError("A packet has 14 octets or more, up to 4096 for each of 1 to 16 slots.")
    }
    guard rounds > 0, packets > 0, burst > 0, burst <= 256 / slots else {
      throw ValidationError("At least one round and packet, and bursts of 1 to 256 slots.")
    }
    guard slots == 1 || paths.allSatisfy({ $0.path == .copy }) else {
      throw ValidationError("Packets of several slots come by the path copy alone.")
    }
  }

  func run() throws {
    guard let cores = GuestThread.cores else {
      print("skipped: two threads that spin need two cores")
      throw ExitCode(3)
    }
    if !json { print(ThroughputResult.head) }
    for path in paths.map(\.path) {
      for size in sizes {
        let result = try measure(path, size, on: cores)
        print(json ? result.jsonLine : result.line)
      }
    }
  }

  private func measure(
    _ path: DataPath, _ size: UInt16, on cores: GuestThread.Cores
  ) throws -> ThroughputResult {
    let load = ThroughputLoad(
      path: path, size: size, slots: slots, packets: packets, burst: burst)
    let duel = try ThroughputDuel(load, on: cores)
    var result = ThroughputResult(load)
    // The first round touches all memory, and does not count.
    _ = try (duel.timeOurs(), duel.timeReference())
    for _ in 0..<rounds {
      result.add(ours: try duel.timeOurs(), reference: try duel.timeReference())
    }
    return result
  }
}

/// A data path as the command line names it.
struct BenchPath: ExpressibleByArgument {
  var path: DataPath

  static var allValueStrings: [String] { DataPath.allCases.map(\.rawValue) }
  var defaultValueDescription: String { path.rawValue }

  init(path: DataPath) { self.path = path }

  init?(argument: String) {
    guard let path = DataPath(rawValue: argument) else { return nil }
    self.path = path
  }
}
