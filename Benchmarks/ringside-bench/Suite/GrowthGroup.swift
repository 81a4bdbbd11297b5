import Foundation
import Netback
import Replayer
import SimulatedXen
import TraceFormat
import XenInterface

extension BenchGroup {
  /// What an event or a packet costs as traces grow longer, and vifs and queues more.
  static let growth = BenchGroup("growth") { scale in
    let megabytes = scale.isQuick ? [1, 10] : [1, 10, 100, 1000]
    let vifs = scale.isQuick ? [1, 10, 100] : [1, 10, 100, 1000]
    return megabytes.flatMap { LengthLines(scale: scale, megabytes: $0).contests }
      + vifs.map { fleet("\($0) vifs, all busy", Fleet.Shape(vifs: $0), scale) }
      + vifs.map { fleet("\($0) vifs, one busy", Fleet.Shape(vifs: $0, busy: 1), scale) }
      + [1, 2, 4, 8].map { fleet("\($0) queues", Fleet.Shape(queues: $0), scale) }
  }

  /// Nanoseconds for each packet, of both ends and one worker, whose step serves all who are busy.
  private static func fleet(_ name: String, _ shape: Fleet.Shape, _ scale: BenchScale) -> Contest {
    Contest(name, .nanoseconds) {
      let fleet = try Fleet(shape)
      let turns = max(1, scale.share(of: 20_000) / (shape.busy * shape.queues))
      return Entrants(ours: {
        var packets = 0
        let time = try ProcessorTime.thread.measure { packets = try fleet.send(turns: turns) }
        return time * 1e9 / Double(packets)
      })
    }
  }
}

/// One worker that serves queues of vifs.
private final class Fleet {
  struct Shape {
    var vifs = 1
    var queues = 1
    /// Vifs that packets come from.
    var busy: Int

    init(vifs: Int = 1, queues: Int = 1, busy: Int? = nil) {
      (self.vifs, self.queues, self.busy) = (vifs, queues, busy ?? vifs)
    }
  }

  private let shape: Shape
  private let machine = SimulatedMachine(seed: 1)
  private let worker: NetbackWorker
  private let pairs: [WorkerPair]

  init(_ shape: Shape) throws {
    self.shape = shape
    let xen = machine.connect(.control)
    worker = NetbackWorker(xen: xen)
    machine.loop.add(worker)
    pairs = try (1...shape.vifs).map { [machine, worker] number in
      let site = PairSite(
        loop: machine.loop, backend: xen,
        guest: machine.connect(DomainID(rawValue: UInt16(number))), handle: VifHandle(rawValue: 0))
      return try WorkerPair(
        site, control: worker, worker: worker, size: 64, queues: shape.queues,
        pages: WorkerPair.burst)
    }
  }

  /// Has each queue of those who are busy send a burst, so many times; returns how many packets were answered.
  func send(turns: Int) throws -> Int {
    for _ in 0..<turns {
      forEachQueue { $0.publishBurst() }
      _ = worker.step(now: machine.loop.now)
      try forEachQueue { try $0.takeAnswers() }
    }
    return turns * shape.busy * shape.queues * WorkerPair.burst
  }

  private func forEachQueue(_ body: (WorkerPair) throws -> Void) rethrows {
    for pair in pairs.prefix(shape.busy) {
      for queue in 0..<shape.queues {
        pair.turn(to: queue)
        try body(pair)
      }
    }
  }
}

/// What is done with a trace of some length.
private struct LengthLines {
  let scale: BenchScale
  let megabytes: Int
  /// Made by the first who needs it.
  private let trace: MadeOnce<LongTrace>

  init(scale: BenchScale, megabytes: Int) {
    (self.scale, self.megabytes) = (scale, megabytes)
    trace = MadeOnce { try LongTrace(scale, megabytes) }
  }

  /// Nanoseconds of processor time for each event.
  var contests: [Contest] {
    [
      contest("scan") { large in _ = try large.events() },
      contest("replay") { large in
        let world = ReplayWorld(on: SimulatedMachine(seed: 1))
        _ = try Replayer(in: world).replay(try large.open())
      },
      Contest("first lines of \(megabytes) MB", .milliseconds) {
        let trace = try trace.value()
        let words = ["show", trace.large.path, "--text", "--to", "10"]
        return Entrants(ours: {
          try withExtendedLifetime(trace) {
            try ProgramRun([scale.ringside] + words).seconds * 1000
          }
        })
      },
    ]
  }

  private func contest(_ name: String, _ body: @escaping (LargeTrace) throws -> Void) -> Contest {
    Contest("\(name) \(megabytes) MB", .nanoseconds) {
      let trace = try trace.value()
      let events = try trace.large.events()
      return Entrants(ours: {
        try ProcessorTime.thread.measure { try body(trace.large) } * 1e9 / Double(events)
      })
    }
  }
}

/// A trace in a folder of its own.
private struct LongTrace {
  private let folder: BenchFolder
  let large: LargeTrace

  init(_ scale: BenchScale, _ megabytes: Int) throws {
    folder = try BenchFolder()
    large = LargeTrace(path: folder.path("long.ringtrace"))
    _ = try large.make(of: scale.trace, octets: UInt64(megabytes) * 1_000_000, level: 1)
  }
}

/// A value that several measurements share.
private final class MadeOnce<Value> {
  private let make: () throws -> Value
  private var made: Value?

  init(_ make: @escaping () throws -> Value) { self.make = make }

  func value() throws -> Value {
    let value = try made ?? make()
    made = value
    return value
  }
}
