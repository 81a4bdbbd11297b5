import Foundation
import Netback
import PerfettoExport
import Recorder
import SimulatedXen
import Testing
import TraceFormat
import XenInterface
import XenRing

/// A trace and what is shown of it.
struct Exported {
  var header: TraceHeader
  var events: [TraceEvent] = []
  /// What the events of that kind say, in their order.
  var snapshots: [VifSnapshot] = []
  var shown: ShownTrace

  /// Exports the binary form of a trace.
  init(_ octets: [UInt8]) throws {
    var reader = try TraceReader(MemorySource(octets))
    header = reader.header
    let sink = MemorySink()
    var writer = try PerfettoWriter(header, to: sink)
    while let event = try reader.next() {
      events.append(event)
      if case .snapshot = event.body { snapshots.append(try VifSnapshot(encoded: reader.payload)) }
      try writer.append(event, payload: reader.payload)
    }
    #expect(try writer.finish() == 0)
    shown = try ShownTrace(sink.octets)
  }
}

/// Exports events that stand behind `header`; of those with a payload it is zeros.
func export(
  _ header: TraceHeader, _ events: [TraceEvent]
) throws -> (shown: ShownTrace, omitted: UInt64) {
  let sink = MemorySink()
  var writer = try PerfettoWriter(header, to: sink)
  for event in events {
    let payload = [UInt8](repeating: 0, count: event.payloadLength)
    try writer.append(event, payload: payload.span.octets)
  }
  let omitted = try writer.finish()
  return (try ShownTrace(sink.octets), omitted)
}

/// Records some steps of a guest on the simulation, from its connection on.
func record(_ options: SimulatedGuest.Options, steps: Int) throws -> [UInt8] {
  let guest = try SimulatedGuest(options)
  let files = MemoryFiles()
  let recorder = try TapRecorder(
    [guest.device], describedBy: .init(clock: .simulated, snapLength: 200), into: files,
    now: guest.now)
  try guest.connect()
  for _ in 0..<steps {
    try guest.step()
    _ = recorder.recording.tick(now: guest.now)
  }
  _ = try recorder.finish()
  return try #require(files.contents.first).octets
}

/// The traces of `Corpus/field`.
enum FieldTraces {
  static let names = ["loopback", "cutoff", "control", "control-late"]

  static func octets(_ name: String) throws -> [UInt8] {
    let file = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "../../Corpus/field/\(name).ringtrace")
    return Array(try Data(contentsOf: file))
  }
}
