import Foundation
import TraceFiles
import TraceFormat
import XenInterface
import XenRing

/// A trace of any size, made of another by repeating it.
final class LargeTrace {
  let path: String
  /// Octets that were read of it.
  private(set) var octetsRead: UInt64 = 0

  init(path: String) { self.path = path }

  /// Opens it; what is read is counted.
  func open() throws -> CountedSource {
    CountedSource(try FileSource(path: path)) { self.octetsRead += UInt64($0) }
  }

  /// Records the events of a trace again and again, each time later, as a recorder does.
  func make(of base: String, octets wanted: UInt64, level: Int32) throws -> String {
    let octets = [UInt8](try Data(contentsOf: URL(filePath: base)))
    let header = try TraceReader(MemorySource(octets)).header
    let packer = try BlockPacker(header, to: FileSink(path: path), level: level)
    var writer = TraceWriter(header, through: try BlockThread(packer))
    var later: UInt64 = 0
    repeat {
      later = try append(octets, later, to: &writer)
    } while writer.statistics.octets < wanted
    let statistics = try writer.finish()
    return "\(statistics.octets) octets, \(statistics.events) events, \(statistics.blocks) blocks"
  }

  /// The octets of a trace that has the events of another so many times.
  static func octets(of base: String, times: Int) throws -> [UInt8] {
    let octets = [UInt8](try Data(contentsOf: URL(filePath: base)))
    let (large, sink) = (LargeTrace(path: base), MemorySink())
    var writer = try TraceWriter(TraceReader(MemorySource(octets)).header, to: sink, level: 1)
    var later: UInt64 = 0
    for _ in 0..<times { later = try large.append(octets, later, to: &writer) }
    _ = try writer.finish()
    return sink.octets
  }

  /// Cuts its end off, as a kill does.
  func cut() throws {
    let file = try FileHandle(forUpdating: URL(filePath: path))
    let length = try file.seekToEnd()
    try file.truncate(atOffset: length - 16)
    try file.close()
  }

  /// Appends all events, so much later; returns how much later the next ones are to be.
  private func append(
    _ octets: [UInt8], _ later: UInt64, to writer: inout TraceWriter
  ) throws -> UInt64 {
    var reader = try TraceReader(MemorySource(octets))
    let extent = try reader.extent() ?? TraceExtent()
    if later > 0 {
      try append(reader.header.vifs, at: extent.begin.advanced(by: later), to: &writer)
    }
    while var event = try reader.next() {
      event.time = event.time.advanced(by: later)
      try writer.append(event, payload: reader.payload)
    }
    return later + extent.nanoseconds + 1_000_000
  }

  /// Vifs whose state stands in the header are in it once more.
  private func append(
    _ vifs: [VifSnapshot], at time: MonotonicInstant, to writer: inout TraceWriter
  ) throws {
    for (place, vif) in vifs.enumerated() where !vif.queues.isEmpty {
      let octets = vif.encoded()
      let event = TraceEvent(
        time: time, vif: UInt16(place), origin: .observed, .snapshot(length: UInt32(octets.count)))
      try writer.append(event, payload: octets.span.octets)
    }
  }
}

/// A source that counts what is read of it.
final class CountedSource: ByteSource {
  private let source: FileSource
  private let count: (Int) -> Void

  init(_ source: FileSource, count: @escaping (Int) -> Void) {
    self.source = source
    self.count = count
  }

  var length: UInt64? { source.length }

  func read(at offset: UInt64, into buffer: inout MutableRawSpan) throws(TransferError) -> Int {
    let octets = try source.read(at: offset, into: &buffer)
    count(octets)
    return octets
  }
}
