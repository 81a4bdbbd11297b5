import ArgumentParser
import CBenchReference
import Foundation
import Replayer
import SimulatedXen
import TraceFormat
import XenRing

/// Recording, scanning and replaying a trace.
struct TraceBench: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "trace",
    abstract: "Records, scans and replays the events of a trace, beside C on the same events.",
    discussion: "Example: ringside-bench trace Corpus/field/loopback.ringtrace --rounds 7")

  @Argument(help: "The trace whose events are used.") var trace: String
  @Option(help: "Rounds, of which the median counts.") var rounds = 7
  @Option(help: "How often the trace's events are repeated, to make it long enough.") var times = 1

  func run() throws {
    let events = try LoadedEvents(path: trace)
    print(
      "\(events.events.count) events, \(fixed(events.octetsPerRingEvent)) octets per ring event")
    print(Measurement.head)
    print(try record(events).line)
    print(try scan(events).line)
    print(try replay(events).line)
  }

  private func replay(_ events: LoadedEvents) throws -> Measurement {
    let file = try events.write()
    let rounds = try Rounds(
      rounds,
      ours: {
        let world = ReplayWorld(on: SimulatedMachine(seed: 1))
        _ = try Replayer(in: world).replay(MemorySource(file))
      },
      reference: { _ = events.replayReference() })
    return Measurement(name: "replay", events: events.events.count, rounds: rounds)
  }

  private func record(_ events: LoadedEvents) throws -> Measurement {
    let rounds = try Rounds(
      rounds, ours: { for _ in 0..<times { _ = try events.write() } },
      reference: { for _ in 0..<times { _ = events.writeReference() } })
    return Measurement(name: "record", events: events.events.count * times, rounds: rounds)
  }

  private func scan(_ events: LoadedEvents) throws -> Measurement {
    let ours = try events.write()
    let reference = events.writeReference()
    let rounds = try Rounds(
      rounds,
      ours: {
        for _ in 0..<times where try LoadedEvents.scan(ours) != events.events.count {
          throw ValidationError("the scan lost events")
        }
      },
      reference: {
        for _ in 0..<times where LoadedEvents.scanReference(reference) != events.events.count {
          print("the reference lost events")
        }
      })
    return Measurement(name: "scan", events: events.events.count * times, rounds: rounds)
  }
}
