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
    var fromGuest = FloodColumn()
    var toGuest = FloodColumn()
    print(
      "packets a second, \(size) octets: from the guest copied, staged, ratio; to the guest the same"
    )
    // A round to warm up.
    for round in 0...rounds {
      let sent = try (rate(copied) { try $0.send($1) }, rate(staged) { try $0.send($1) })
      let received = try (
        rate(copied) { try $0.receive($1, from: .network) },
        rate(staged) { try $0.receive($1, from: .network) }
      )
      guard round > 0 else { continue }
      fromGuest.add(copied: sent.0, staged: sent.1)
      toGuest.add(copied: received.0, staged: received.1)
      print("round \(round): \(fromGuest.last); \(toGuest.last)")
    }
    try copied.expectStaged(false)
    try staged.expectStaged(true)
    print("medians: \(fromGuest.medians); \(toGuest.medians)")
  }

  private func rate(
    _ pair: WorkerPair, _ flood: (WorkerPair, Int) throws -> Int
  ) rethrows -> Double {
    let clock = ContinuousClock()
    let start = clock.now
    let arrived = try flood(pair, packets)
    return Double(arrived) / ((clock.now - start) / .seconds(1))
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

/// The rates of all rounds in one direction.
private struct FloodColumn {
  private var copied: [Double] = []
  private var staged: [Double] = []

  mutating func add(copied: Double, staged: Double) {
    self.copied.append(copied)
    self.staged.append(staged)
  }

  /// The last round's.
  var last: String { line(copied.last ?? 0, staged.last ?? 0, ratios.last ?? 0) }

  /// The rates' medians, and the median of the rounds' ratios with its least and its most.
  var medians: String {
    line(Rounds.median(copied), Rounds.median(staged), Rounds.median(ratios))
      + " (\(fixed(ratios.min() ?? 0)) - \(fixed(ratios.max() ?? 0)))"
  }

  private var ratios: [Double] { zip(copied, staged).map { $1 / $0 } }

  private func line(_ copied: Double, _ staged: Double, _ ratio: Double) -> String {
    "\(Int(copied)) \(Int(staged)) \(fixed(ratio))"
  }
}
