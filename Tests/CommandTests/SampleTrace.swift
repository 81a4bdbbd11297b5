internal import Foundation
internal import Netif
internal import Testing
internal import TraceFormat
internal import XenInterface
internal import XenRing

/// A small trace of our own making, and what can be wrong with it.
enum SampleTrace {
  /// A trace of a thousand events, a millisecond apart.
  static func octets(eventsPerBlock: Int = 1_000) throws -> Data {
    let header = TraceHeader(
      source: .byHand, clock: .simulated, profile: .linux, snapLength: 0, tool: "test", vifs: [])
    let sink = MemorySink()
    var writer = try TraceWriter(header, to: sink)
    for time in 0..<1000 {
      let event = TraceEvent(
        time: MonotonicInstant(nanoseconds: UInt64(time) * 1_000_000), origin: .fetched,
        .notification(ring: .tx, by: .frontend))
      try writer.append(event)
      if time % eventsPerBlock == eventsPerBlock - 1 { try writer.flush() }
    }
    _ = try writer.finish()
    return Data(sink.octets)
  }
}

extension SampleTrace {
  /// A trace as from a running kernel: the queues of its vif stand in events, not in the header.
  static func attached(queues: Int) throws -> Data {
    let (domain, handle) = (DomainID(rawValue: 5), VifHandle(rawValue: 0))
    let header = TraceHeader(
      source: .kernelTap, clock: .monotonic, profile: .linux, snapLength: 0, tool: "test",
      vifs: [VifSnapshot(domain: domain, handle: handle)])
    let sink = MemorySink()
    var writer = try TraceWriter(header, to: sink)
    for count in [queues, queues + 1] {
      let queue = QueueSnapshot(tx: QueueSnapshot.Indices(), rx: QueueSnapshot.Indices())
      let snapshot = VifSnapshot(
        domain: domain, handle: handle, features: .scatterGather,
        queues: Array(repeating: queue, count: count)
      ).encoded()
      let event = TraceEvent(
        time: MonotonicInstant(nanoseconds: 0), origin: .observed,
        .snapshot(length: UInt32(snapshot.count)))
      try writer.append(event, payload: snapshot.span.octets)
    }
    _ = try writer.finish()
    return Data(sink.octets)
  }
}

/// Something that is no good as a trace, and what is to be said of it.
struct WrongInput: Sendable, CustomTestStringConvertible {
  var name: String
  var code: Int32
  var words: String
  /// Makes it in a folder and returns its path.
  var make: @Sendable (ScratchFolder) throws -> String

  var testDescription: String { name }

  static let all = [
    WrongInput(name: "a text", code: 2, words: "not a trace") {
      try $0.write("text.ringtrace", Data("Once upon a time".utf8))
    },
    WrongInput(name: "an empty file", code: 2, words: "empty, not a trace") {
      try $0.write("empty.ringtrace", Data())
    },
    WrongInput(name: "a folder without traces", code: 2, words: "no traces in this folder") {
      $0.url.path
    },
    WrongInput(name: "a trace of a newer version", code: 2, words: "a trace of version 2.0") {
      try $0.write("newer.ringtrace", newer())
    },
    WrongInput(name: "a trace in a foreign byte order", code: 2, words: "foreign byte order") {
      var octets = try SampleTrace.octets()
      for field in [8..<10, 10..<12, 12..<16, 16..<20, 28..<32] { octets[field].reverse() }
      return try $0.write("foreign.ringtrace", octets)
    },
    WrongInput(name: "a trace whose line ends were converted", code: 2, words: "line ends") {
      var octets = try SampleTrace.octets()
      octets.remove(at: 4)
      return try $0.write("converted.ringtrace", octets)
    },
    WrongInput(name: "a trace with a changed octet", code: 2, words: "checksum does not match") {
      var octets = try SampleTrace.octets()
      octets[40] ^= 1
      return try $0.write("changed.ringtrace", octets)
    },
    WrongInput(name: "a trace that ends in its header", code: 2, words: "ends inside its header") {
      try $0.write("short.ringtrace", SampleTrace.octets().prefix(34))
    },
    WrongInput(name: "no file", code: 4, words: "No such file or directory") {
      $0.path("none.ringtrace")
    },
  ]

  private static func newer() throws -> Data {
    var octets = try SampleTrace.octets()
    octets[8] = 2
    let sum = crc32(octets.prefix(28))
    for place in 0..<4 { octets[28 + place] = UInt8(truncatingIfNeeded: sum >> (8 * place)) }
    return octets
  }

  /// The checksum of zlib and of PNG.
  private static func crc32(_ octets: Data) -> UInt32 {
    ~octets.reduce(~0) { sum, octet in
      (0..<8).reduce(sum ^ UInt32(octet)) { sum, _ in sum >> 1 ^ (sum & 1 == 1 ? 0xEDB8_8320 : 0) }
    }
  }
}
