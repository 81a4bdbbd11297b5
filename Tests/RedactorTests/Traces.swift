import Foundation
import Netback
import Recorder
import Replayer
import SimulatedXen
import Testing
import TraceFormat
import XenInterface
import XenRing

@testable import Redactor

/// A trace in memory: its header and events.
struct Recorded {
  var header: TraceHeader
  var events: [(event: TraceEvent, payload: [UInt8])] = []

  /// Reads the binary form.
  init(_ octets: [UInt8]) throws {
    var reader = try TraceReader(MemorySource(octets))
    header = reader.header
    while let event = try reader.next() {
      let payload = reader.payload
      events.append((event, (0..<payload.byteCount).map { payload.octet(at: $0) }))
    }
  }

  /// Reads the text form.
  init(text: String) throws {
    var reader = try TraceTextReader(MemorySource(Array(text.utf8)))
    header = reader.header
    while let event = try reader.next() {
      let payload = reader.payload
      events.append((event, (0..<payload.byteCount).map { payload.octet(at: $0) }))
    }
  }

  /// The binary form.
  var octets: [UInt8] {
    get throws {
      let sink = MemorySink()
      var writer = try TraceWriter(header, to: sink)
      for entry in events { try writer.append(entry.event, payload: entry.payload.span.octets) }
      _ = try writer.finish()
      return sink.octets
    }
  }

  /// The same redacted.
  func redacted(_ redaction: Redaction) throws -> Recorded {
    var trace = try RedactedTrace(MemorySource(octets), redaction)
    var result = self
    result.header = trace.header
    result.events = []
    while let event = try trace.next() { result.events.append((event.event, event.payload)) }
    return result
  }

  /// The octets of frames and memory, event by event.
  var packets: [[UInt8]] {
    events.compactMap { entry in
      switch entry.event.body {
      case .memory, .delivered, .taken, .dropped: entry.payload
      default: nil
      }
    }
  }
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

/// Records some steps of a guest on the simulation.
func record(
  _ options: SimulatedGuest.Options, steps: Int, snapLength: UInt32 = 65535
) throws -> [UInt8] {
  let guest = try SimulatedGuest(options)
  let files = MemoryFiles()
  let recorder = try TapRecorder(
    [guest.device], describedBy: .init(clock: .simulated, snapLength: snapLength), into: files,
    now: guest.now)
  try guest.connect()
  for _ in 0..<steps {
    try guest.step()
    _ = recorder.recording.tick(now: guest.now)
  }
  _ = try recorder.finish()
  return try #require(files.contents.first).octets
}

func replay(_ octets: [UInt8], by path: DataPath = .copy) throws -> ReplayReport {
  try Replayer(
    in: ReplayWorld(on: SimulatedMachine(seed: 1)), options: ReplayOptions(path: path)
  ).replay(MemorySource(octets))
}

/// All ways in which a trace is redacted.
struct RedactionSample: Sendable, CustomStringConvertible {
  var description: String
  var redaction: Redaction

  static let key = ScrambleKey("a key for tests")
  static let all = [
    RedactionSample(description: "snaplen 60", redaction: Redaction(snapLength: 60)),
    RedactionSample(description: "snaplen 0", redaction: Redaction(snapLength: 0)),
    RedactionSample(description: "headers only", redaction: Redaction(headersOnly: true)),
    RedactionSample(description: "scrambled", redaction: Redaction(key: key)),
    RedactionSample(
      description: "scrambled headers", redaction: Redaction(headersOnly: true, key: key)),
    RedactionSample(
      description: "scrambled and cut", redaction: Redaction(snapLength: 100, key: key)),
  ]
}
