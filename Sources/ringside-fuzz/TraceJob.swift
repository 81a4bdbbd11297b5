internal import TraceFormat
internal import XenRing

/// Reads an input as a trace, binary or text, and checks that what was read can be written again.
enum TraceJob {
  /// The first octet of the text form; an input that begins otherwise is binary.
  static var textStart: UInt8 { 0x72 }

  /// Makes the checksums of a changed trace right again.
  static func repair(_ octets: inout [UInt8], isText: Bool) {
    if !isText, octets.first != textStart { TraceRepair.repair(&octets) }
  }

  /// An event and the octets beside it.
  private struct Entry: Equatable {
    var event: TraceEvent
    var payload: [UInt8]
  }

  static func run(_ input: [UInt8]) {
    if input.first == textStart {
      guard let (header, entries) = try? parsed(input) else { return }
      check(header, entries)
    } else {
      compact(input)
      guard let (header, entries) = try? read(input) else { return }
      check(header, entries)
    }
  }

  /// Whatever was read is the same after it was written and read, in both forms.
  private static func check(_ header: TraceHeader, _ entries: [Entry]) {
    do {
      var fine = header
      fine.timeUnit = 1
      let binary = try read(try written(fine, entries))
      precondition(binary.1 == entries && binary.0 == fine, "binary form differs")
      let text = try parsed(try printed(fine, entries))
      precondition(text.1 == entries && text.0 == fine, "text form differs")
    } catch {
      preconditionFailure("what was read cannot be written: \(error)")
    }
  }

  private static func compact(_ input: [UInt8]) {
    _ = try? TraceCompactor.compact(MemorySource(input), into: MemorySink(), level: 1)
    if var reader = try? TraceReader(MemorySource(input)) {
      try? reader.seek(toEvent: 100)
      try? reader.seek(toPacket: 3)
      if let extent = try? reader.extent() { try? reader.seek(toBlockOf: extent.end) }
      try? reader.seek(toSnapshotsBefore: 100)
    }
  }

  private static func read(_ octets: [UInt8]) throws -> (TraceHeader, [Entry]) {
    var reader = try TraceReader(MemorySource(octets))
    var entries: [Entry] = []
    while let event = try reader.next() {
      entries.append(Entry(event: event, payload: reader.payload.array))
    }
    return (reader.header, entries)
  }

  private static func parsed(_ octets: [UInt8]) throws -> (TraceHeader, [Entry]) {
    var reader = try TraceTextReader(MemorySource(octets))
    var entries: [Entry] = []
    while let event = try reader.next() {
      entries.append(Entry(event: event, payload: reader.payload.array))
    }
    return (reader.header, entries)
  }

  private static func written(_ header: TraceHeader, _ entries: [Entry]) throws -> [UInt8] {
    let sink = MemorySink()
    var writer = try TraceWriter(header, to: sink, level: 1)
    for entry in entries {
      try writer.append(entry.event, payload: entry.payload.span.octets)
    }
    _ = try writer.finish()
    return sink.octets
  }

  private static func printed(_ header: TraceHeader, _ entries: [Entry]) throws -> [UInt8] {
    let sink = MemorySink()
    var writer = try TraceTextWriter(header, to: sink)
    for entry in entries {
      try writer.append(entry.event, payload: entry.payload.span.octets)
    }
    try writer.finish()
    return sink.octets
  }
}
