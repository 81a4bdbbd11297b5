import Replayer
import SimulatedXen
import TraceFormat

extension BenchGroup {
  /// Events recorded, read and replayed; processor time.
  static let trace = BenchGroup("trace") { scale in
    let events = try LoadedEvents(path: scale.trace, level: 6)
    let files = try TraceFolder(events, scale)
    let lines = TraceLines(events: events, times: scale.share(of: 10), files: files)
    return [
      lines.record("record", events, .whole),
      lines.record("record, no payload", events.withoutPayload(), .bare),
      lines.recordAll, lines.scan, lines.replay,
    ]
  }
}

/// What is done with the events of a trace.
private struct TraceLines {
  let events: LoadedEvents
  /// How often a round goes over them.
  let times: Int
  let files: TraceFolder

  private var all: Int { events.count * times }

  /// Nanoseconds of the recording thread for each event.
  func record(_ name: String, _ events: LoadedEvents, _ kind: TraceFolder.Kind) -> Contest {
    Contest(name, .nanoseconds) {
      Entrants(
        ours: { try perEvent(.thread) { try events.write(times: times) } },
        reference: { perEvent(.thread) { _ = events.writeReference(level: -1, times: times) } },
        peers: [.made(Lttng.name) { try files.record(events, kind, times: times) }])
    }
  }

  /// Of all threads, compression among it.
  var recordAll: Contest {
    Contest("record, all threads", .nanoseconds) {
      Entrants(
        ours: { try perEvent(.process) { try events.write(times: times) } },
        reference: { perEvent(.process) { _ = events.writeReference(level: 6, times: times) } })
    }
  }

  /// Millions of events a second, of one core.
  var scan: Contest {
    Contest("scan", .millions) {
      let (ours, reference) = (try events.file(), events.writeReference(level: 6))
      return Entrants(
        ours: {
          try rate {
            for _ in 0..<times where try LoadedEvents.scan(ours) != events.count {
              throw ThroughputFault()
            }
          }
        },
        reference: {
          rate { for _ in 0..<times { _ = LoadedEvents.scanReference(reference) } }
        }, peers: [.made("babeltrace2") { try files.scan(events, times: times) }])
    }
  }

  /// The same, each answer, frame and index compared.
  var replay: Contest {
    Contest("replay, verdict", .millions) {
      let file = try events.file()
      return Entrants(
        ours: {
          try rate(events.count) {
            let world = ReplayWorld(on: SimulatedMachine(seed: 1))
            guard try Replayer(in: world).replay(MemorySource(file)).diverged == 0 else {
              throw ThroughputFault()
            }
          }
        },
        reference: { rate(events.count) { _ = events.replayReference() } },
        peers: [
          .made("tcpreplay") { try files.tcpreplay() }, .made("fio") { try files.fio() },
        ])
    }
  }

  private func perEvent(_ time: ProcessorTime, _ body: () throws -> Void) rethrows -> Double {
    try time.measure(body) * 1e9 / Double(all)
  }

  private func rate(_ count: Int? = nil, _ body: () throws -> Void) rethrows -> Double {
    Double(count ?? all) / (try ProcessorTime.thread.measure(body)) / 1e6
  }
}
