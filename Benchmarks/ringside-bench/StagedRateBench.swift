import ArgumentParser
import Netback
import XenHost
import XenInterface

/// What staged pages save beside grant copies: packets a second, and how long one frame takes.
struct StagedRateBench: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "staged-rate",
    abstract: "Floods a vif whose pages are staged and one whose data Xen copies, in turn.",
    discussion: """
      Our frontend and our backend, both in this process and stepping in turn, 32 packets at a time, with events \
      both ways. On Xen both are this domain, which grants its pages to itself; the kernel's netback must not \
      be loaded.
      Example: ringside-bench staged-rate --on xen --rounds 5
      """)

  @Option(name: .customLong("on"), help: "The simulation, or the Xen of this machine.")
  var place = PairPlace.sim
  @Option(help: "Rounds, of which the median counts.") var rounds = 5
  @Option(help: "Packets each way in a round; rounded up to bursts.") var packets = 20_480
  @Option(help: "Frames in a round that go one at a time.") var frames = 1_000
  @Option(help: "Octets in a packet.") var size = 64

  func validate() throws {
    guard rounds > 0, packets > 0, frames > 0, 14...4096 ~= size else {
      throw ValidationError(
        "At least one round, packet and frame, and packets of 14 to 4096 octets.")
    }
  }

  func run() throws {
    let sites: [PairSite]
    do throws(HostError) { sites = try place.sites(count: 2) } catch {
      print("skipped: Xen cannot be reached: \(error)")
      throw ExitCode(error.isAbsence ? 3 : 1)
    }
    let copied = try connect(sites[0], .copy)
    let staged = try connect(sites[1], .staged)
    try flood(copied, staged)
    try time(copied, staged)
    try copied.end()
    try staged.end()
  }

  /// A vif with a worker of its own, which follows the store and serves the queue.
  private func connect(_ site: PairSite, _ path: DataPath) throws -> WorkerPair {
    let worker = NetbackWorker(xen: site.backend)
    site.loop.add(worker)
    return try WorkerPair(site, control: worker, worker: worker, path: path, size: size)
  }

  private func flood(_ copied: WorkerPair, _ staged: WorkerPair) throws {
    var ways = [
      FloodWay("from the guest, copied", comparedWith: 0) { try copied.send($0) },
      FloodWay("from the guest, staged", comparedWith: 0) { try staged.send($0) },
      FloodWay("to the guest, copied", comparedWith: 2) { try copied.receive($0) },
      FloodWay("to the guest, staged, queued", comparedWith: 2) { try staged.receive($0) },
      FloodWay("to the guest, staged, at once", comparedWith: 2) {
        try staged.receive($0, from: .network)
      },
    ]
    print("\(size) octets, packets in a second of processor time")
    // A round to warm up.
    for round in 0...rounds {
      for place in ways.indices { try ways[place].run(packets, counts: round > 0) }
      guard round > 0 else { continue }
      print("round \(round):", ways.map { "\(Int($0.rates[round - 1]))" }.joined(separator: " "))
    }
    try copied.expectStaged(false)
    try staged.expectStaged(true)
    for way in ways { print(way.line(beside: ways[way.reference])) }
  }

  private func time(_ copied: WorkerPair, _ staged: WorkerPair) throws {
    let ways: [(name: String, pair: WorkerPair, bringer: WorkerPair.Bringer)] = [
      ("staged, at once", staged, .network), ("staged, queued", staged, .worker),
      ("copied, queued", copied, .worker),
    ]
    var times = ways.map { _ in [Double]() }
    for round in 0...rounds {
      for (place, way) in ways.enumerated() {
        let taken = try way.pair.latencies(frames, from: way.bringer)
        if round > 0 { times[place] += taken }
      }
    }
    let queued = Rounds.median(times[ways.count - 1])
    for (place, way) in ways.enumerated() {
      let median = Rounds.median(times[place])
      print(
        "one frame to the guest, \(way.name): median \(Int(median)) ns, 99 of 100 within"
          + " \(Int(Rounds.percentile(times[place], 99))) ns, ratio \(fixed(median / queued))")
    }
    print("the clock alone: median \(Int(Rounds.median(clockCosts))) ns")
  }

  /// Nanoseconds between two looks at the clock, which are in each time of a frame.
  private var clockCosts: [Double] {
    let clock = ContinuousClock()
    return (0..<frames).map { _ in
      let start = clock.now
      return (clock.now - start) / .nanoseconds(1)
    }
  }
}

/// A way in which packets go, and its rates.
private struct FloodWay {
  /// Place of the way that it is compared with.
  let reference: Int
  private(set) var rates: [Double] = []
  private let name: String
  private let flood: (Int) throws -> Int

  init(_ name: String, comparedWith reference: Int, _ flood: @escaping (Int) throws -> Int) {
    self.name = name
    self.reference = reference
    self.flood = flood
  }

  mutating func run(_ packets: Int, counts: Bool) throws {
    var arrived = 0
    let seconds = try ProcessorTime.thread.measure { arrived = try flood(packets) }
    if counts { rates.append(Double(arrived) / seconds) }
  }

  /// The rates' median, and the median of the rounds' ratios with its least and its most.
  func line(beside other: FloodWay) -> String {
    let ratios = zip(rates, other.rates).map { $0 / $1 }
    let spread = "\(fixed(ratios.min() ?? 0)) - \(fixed(ratios.max() ?? 0))"
    return "\(name): median \(Int(Rounds.median(rates))), ratio \(fixed(Rounds.median(ratios)))"
      + " (\(spread))"
  }
}
