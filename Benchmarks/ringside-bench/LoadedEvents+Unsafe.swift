import CBenchReference
import Foundation
import TraceFiles
import TraceFormat
import XenInterface
import XenRing

// Unsafe because C references take pointers; each is valid for the length of its call.

/// A trace's events in memory, ready to be written again by us and by the C reference.
struct LoadedEvents {
  private var events: [TraceEvent] = []
  /// Octets of payload beside each.
  private var lengths: [UInt32] = []
  private var flat: [bench_event] = []
  private var payload: [UInt8] = []
  private let header: TraceHeader
  private let level: Int32

  /// Reads a binary trace.
  init(path: String, level: Int32) throws {
    try self.init(octets: [UInt8](try Data(contentsOf: URL(fileURLWithPath: path))), level: level)
  }

  /// Takes what a binary trace has.
  init(octets: [UInt8], level: Int32) throws {
    var reader = try TraceReader(MemorySource(octets))
    header = reader.header
    self.level = level
    while let event = try reader.next() {
      append(event)
      payload.append(octets: reader.payload)
    }
  }

  private init(header: TraceHeader, level: Int32) {
    self.header = header
    self.level = level
  }

  private mutating func append(_ event: TraceEvent) {
    events.append(event)
    lengths.append(UInt32(event.payloadLength))
    flat.append(bench_event(event))
  }

  /// Number of events.
  var count: Int { events.count }

  /// The same events as a recorder with a snap length of 0 sees them.
  func withoutPayload() -> LoadedEvents {
    var bare = LoadedEvents(header: header, level: level)
    for event in events { bare.append(event.withoutPayload) }
    return bare
  }

  /// Octets of the file without payload for each ring event.
  var octetsPerRingEvent: Double {
    get throws {
      var writer = try TraceWriter(header, to: MemorySink(), level: level)
      try write(to: &writer)
      return try writer.finish().octetsPerRingEvent
    }
  }

  /// Writes all events with our writer and a thread that compresses, some times over.
  func write(times: Int) throws {
    let packer = try BlockPacker(header, to: NoFile(), level: level)
    var writer = TraceWriter(header, through: try BlockThread(packer))
    for _ in 0..<times {
      try write(to: &writer)
      try writer.flush()
    }
    _ = try writer.finish()
  }

  /// The file that our writer makes.
  func file() throws -> [UInt8] {
    let sink = MemorySink()
    var writer = try TraceWriter(header, to: sink, level: level)
    try write(to: &writer)
    _ = try writer.finish()
    return sink.octets
  }

  private func write(to writer: inout TraceWriter) throws {
    let octets = payload.span.octets
    var at = 0
    for place in events.indices {
      let length = Int(lengths[place])
      try writer.append(events[place], payload: octets.extracting(at..<(at + length)))
      at += length
    }
  }

  /// Writes all events with the C reference, some times over the same room; returns the file.
  func writeReference(level: Int32, times: Int = 1) -> [UInt8] {
    let capacity = 4096 * 4 + payload.count * 2 + events.count * 80 + (1 << 20)
    // SAFETY: all three pointers are valid for their counts during the call, which initialises
    // as many octets as it returns.
    return unsafe [UInt8](unsafeUninitializedCapacity: capacity) { room, used in
      used = unsafe flat.withUnsafeBufferPointer { events in
        unsafe payload.withUnsafeBufferPointer { payload in
          unsafe bench_encode(
            events.baseAddress, events.count, payload.baseAddress, level, Int32(clamping: times),
            room.baseAddress, capacity)
        }
      }
    }
  }

  /// Writes the events as the C references take them into one file, and their payload into another.
  func writeFlat(events place: URL, payload: URL) throws {
    // SAFETY: the events are plain numbers without gaps between them, valid for the call.
    let octets = unsafe flat.withUnsafeBytes { unsafe Data($0) }
    try octets.write(to: place)
    try Data(self.payload).write(to: payload)
  }

  /// Reads a file of ours; returns its number of events.
  static func scan(_ file: [UInt8]) throws -> Int {
    var reader = try TraceReader(MemorySource(file))
    var sum: UInt64 = 0
    var count = 0
    while let event = try reader.next() {
      sum &+= event.time.nanoseconds
      count += 1
    }
    return sum == 0 ? 0 : count
  }

  /// Reads a file of the C reference; returns its number of events.
  static func scanReference(_ file: [UInt8]) -> Int {
    var sum: UInt64 = 0
    // SAFETY: the pointer is valid for the count during the call.
    return unsafe file.withUnsafeBufferPointer { octets in
      unsafe bench_scan(octets.baseAddress, octets.count, &sum)
    }
  }

  /// Plays the events through the C reference's ring; returns the number of answers.
  func replayReference() -> Int {
    var answered: UInt64 = 0
    // SAFETY: both pointers are valid for their counts during the call.
    unsafe flat.withUnsafeBufferPointer { events in
      unsafe payload.withUnsafeBufferPointer { payload in
        _ = unsafe bench_replay(events.baseAddress, events.count, payload.baseAddress, &answered)
      }
    }
    return Int(answered)
  }
}

/// Takes octets and keeps none.
private final class NoFile: ByteSink {
  private var octets = 0
  func write(_ octets: RawSpan) throws(TransferError) { self.octets += octets.byteCount }
}

extension TraceEvent {
  /// The same event with nothing captured.
  fileprivate var withoutPayload: TraceEvent {
    var event = self
    switch body {
    case .memory(var range):
      range.captured = 0
      event.body = .memory(range)
    case .delivered(var frame, let request):
      frame.captured = 0
      event.body = .delivered(frame, request: request)
    case .taken(var frame):
      frame.captured = 0
      event.body = .taken(frame)
    case .dropped(var frame):
      frame.captured = 0
      event.body = .dropped(frame)
    case .key(let side, _): event.body = .key(of: side, length: 0)
    case .note: event.body = .note(length: 0)
    case .snapshot: event.body = .snapshot(length: 0)
    default: break
    }
    return event
  }
}
