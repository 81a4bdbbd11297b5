import CBenchReference
import Foundation
import TraceFormat
import XenInterface
import XenRing

// Unsafe because C references take pointers; each is valid for the length of its call.

/// A trace's events in memory, ready to be written again by us and by the C reference.
struct LoadedEvents {
  private(set) var events: [TraceEvent] = []
  private var flat: [bench_event] = []
  private var payload: [UInt8] = []
  private let header: TraceHeader
  private(set) var octetsPerRingEvent = 0.0

  /// Reads a binary trace.
  init(path: String) throws {
    let octets = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
    var reader = try TraceReader(MemorySource(octets))
    header = reader.header
    while let event = try reader.next() {
      events.append(event)
      flat.append(bench_event(event))
      let octets = reader.payload
      for place in octets.byteOffsets { payload.append(octets.octet(at: place)) }
    }
    let statistics = try writeCounted().statistics
    octetsPerRingEvent = statistics.octetsPerRingEvent
  }

  /// Writes all events with our writer; returns the file.
  func write() throws -> [UInt8] { try writeCounted().file }

  private func writeCounted() throws -> (file: [UInt8], statistics: TraceStatistics) {
    let sink = MemorySink()
    var writer = try TraceWriter(header, to: sink)
    let octets = payload.span.octets
    var at = 0
    for event in events {
      let length = event.payloadLength
      try writer.append(event, payload: octets.extracting(at..<(at + length)))
      at += length
    }
    let statistics = try writer.finish()
    return (sink.octets, statistics)
  }

  /// Writes all events with the C reference; returns the file.
  func writeReference() -> [UInt8] {
    let capacity = 4096 * 4 + payload.count * 2 + events.count * 80 + (1 << 20)
    // SAFETY: all three pointers are valid for their counts during the call, which initialises
    // as many octets as it returns.
    return unsafe [UInt8](unsafeUninitializedCapacity: capacity) { room, used in
      used = unsafe flat.withUnsafeBufferPointer { events in
        unsafe payload.withUnsafeBufferPointer { payload in
          unsafe bench_encode(
            events.baseAddress, events.count, payload.baseAddress, 6, room.baseAddress, capacity)
        }
      }
    }
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
