import ArgumentParser
import Foundation
import TraceFormat

/// How large traces are.
struct SizeBench: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "size",
    abstract: "Octets of traces beside those of the same events as rows, compressed.",
    discussion: """
      A row has \(EventRows.size) octets for each event; payload stands behind it. Without payload \
      is what the trace takes less its compressed payload, beside rows alone.

      Example: ringside-bench size Corpus/field/*.ringtrace
      """)

  @Argument(help: "The traces.") var traces: [String]
  @Option(help: "zlib's level for the trace.") var level: Int32 = 6
  @Option(
    help: "Another file of the same traffic, as it is and compressed: of one trace.")
  var beside: [String] = []

  private static let compressors: [Compressor] = [
    .gzip(level: 6), .gzip(level: 9), .zstd(level: 3), .zstd(level: 19),
  ]

  func validate() throws {
    guard beside.isEmpty || traces.count == 1 else {
      throw ValidationError("--beside takes one trace, there are \(traces.count)")
    }
  }

  func run() throws {
    for path in traces { try size(path) }
  }

  private func size(_ path: String) throws {
    var reader = try TraceReader(MemorySource([UInt8](Data(contentsOf: URL(filePath: path)))))
    var writer = try TraceWriter(reader.header, to: MemorySink(), level: level)
    var (rows, bareRows) = (EventRows(), EventRows())
    while let event = try reader.next() {
      try writer.append(event, payload: reader.payload)
      rows.append(event, reader.payload)
      bareRows.append(event)
    }
    let statistics = try writer.finish()
    print("\(path): \(statistics.events) events, \(statistics.ringEvents) of them of the ring")
    print(SizeLine.head)
    let bare = Int(statistics.octets - statistics.payloadOctets)
    try show("without payload", bare, bareRows.octets, statistics)
    try show("with payload", Int(statistics.octets), rows.octets, statistics)
    for file in beside {
      let octets = [UInt8](try Data(contentsOf: URL(filePath: file)))
      try show(file, of: octets, beside: Int(statistics.octets), statistics)
    }
  }

  private func show(
    _ name: String, _ trace: Int, _ rows: [UInt8], _ statistics: TraceStatistics
  ) throws {
    print(SizeLine("trace, \(name)", trace, beside: trace, statistics).line)
    try show("rows, \(name)", of: rows, beside: trace, statistics)
  }

  /// What there is beside a trace: as it is, and as each program makes it smaller.
  private func show(
    _ name: String, of octets: [UInt8], beside trace: Int, _ statistics: TraceStatistics
  ) throws {
    print(SizeLine(name, octets.count, beside: trace, statistics).line)
    for compressor in Self.compressors {
      guard let size = try compressor.size(of: octets) else {
        print("  \(compressor): not measured, it is not installed")
        continue
      }
      print(SizeLine("  \(compressor)", size, beside: trace, statistics).line)
    }
  }
}

/// A line of the table.
private struct SizeLine {
  static let head = [
    pad("what", 26), pad("octets", 12), pad("per event", 10), pad("per ring event", 15),
    "times the trace",
  ].joined(separator: " ")

  let line: String

  init(_ name: String, _ octets: Int, beside trace: Int, _ statistics: TraceStatistics) {
    let columns = [
      pad(name, 26), pad("\(octets)", 12),
      pad(fixed(Double(octets) / max(1, Double(statistics.events))), 10),
      pad(fixed(Double(octets) / max(1, Double(statistics.ringEvents))), 15),
      fixed(Double(octets) / max(1, Double(trace))),
    ]
    line = columns.joined(separator: " ")
  }
}
