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

  /// What is measured.
  enum Part: String, CaseIterable, ExpressibleByArgument {
    case record, total, scan, replay
  }

  @Argument(help: "The trace whose events are used.") var trace: String
  @Option(help: "Rounds, of which the median counts.") var rounds = 7
  @Option(help: "How often a round goes over the trace's events.") var times = 10
  @Option(help: "zlib's level for recording.") var level: Int32 = 6
  @Option(help: "Measure this only: record, total, scan, replay.") var part: Part?

  func run() throws {
    let events = try LoadedEvents(path: trace, level: level)
    print(
      "\(events.count) events, \(fixed(try events.octetsPerRingEvent)) octets per ring event; "
        + "processor time")
    print(Measurement.head)
    for part in Part.allCases where self.part == nil || self.part == part {
      switch part {
      case .record:
        print(try record(events, "record").line)
        print(try record(events.withoutPayload(), "record, no payload").line)
      case .total: print(try total(events).line)
      case .scan: print(try scan(events).line)
      case .replay: print(try replay(events).line)
      }
    }
  }

  /// On the recording thread; another one compresses.
  private func record(_ events: LoadedEvents, _ name: String) throws -> Measurement {
    let rounds = try Rounds(
      rounds, ours: { try events.write(times: times) },
      reference: { _ = events.writeReference(level: -1, times: times) })
    return Measurement(name: name, events: events.count * times, rounds: rounds)
  }

  /// Of all threads, compression among it.
  private func total(_ events: LoadedEvents) throws -> Measurement {
    let rounds = try Rounds(
      rounds, of: .process, ours: { try events.write(times: times) },
      reference: { _ = events.writeReference(level: level, times: times) })
    return Measurement(name: "record, all threads", events: events.count * times, rounds: rounds)
  }

  private func scan(_ events: LoadedEvents) throws -> Measurement {
    let ours = try events.file()
    let reference = events.writeReference(level: level)
    let rounds = try Rounds(
      rounds,
      ours: {
        for _ in 0..<times where try LoadedEvents.scan(ours) != events.count {
          throw ValidationError("the scan lost events")
        }
      },
      reference: {
        for _ in 0..<times where LoadedEvents.scanReference(reference) != events.count {
          print("the reference lost events")
        }
      })
    return Measurement(name: "scan", events: events.count * times, rounds: rounds)
  }

  private func replay(_ events: LoadedEvents) throws -> Measurement {
    let file = try events.file()
    let rounds = try Rounds(
      rounds,
      ours: {
        let world = ReplayWorld(on: SimulatedMachine(seed: 1))
        _ = try Replayer(in: world).replay(MemorySource(file))
      },
      reference: { _ = events.replayReference() })
    return Measurement(name: "replay, verdict", events: events.count, rounds: rounds)
  }
}
