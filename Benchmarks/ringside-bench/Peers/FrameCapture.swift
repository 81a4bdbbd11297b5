import Foundation
import TraceFormat
import XenInterface
import XenRing

/// The frames of a trace as a pcap file, some times over: what peers that know frames alone are given.
struct FrameCapture {
  let path: String
  private(set) var frames = 0

  init(of trace: String, times: Int, in folder: BenchFolder) throws {
    let octets = [UInt8](try Data(contentsOf: URL(filePath: trace)))
    path = folder.path("frames.pcap")
    var (once, file) = ([UInt8](), [UInt8]())
    // Magic, version 2.4, no zone, no accuracy; frames of any length; Ethernet.
    for word in [0xa1b2_c3d4, 4 << 16 | 2, 0, 0, 65535, 1] as [UInt32] { file.put(word) }
    var reader = try TraceReader(MemorySource(octets))
    while let event = try reader.next() {
      guard let length = event.frameLength, event.payloadLength > 0 else { continue }
      once.put(UInt32(event.time.nanoseconds / 1_000_000_000))
      once.put(UInt32(event.time.nanoseconds / 1000 % 1_000_000))
      once.put(UInt32(event.payloadLength))
      once.put(length)
      once.append(octets: reader.payload)
      frames += times
    }
    for _ in 0..<times { file += once }
    try Data(file).write(to: URL(filePath: path))
  }
}

extension TraceEvent {
  /// Octets of the frame that reached the network or came from it.
  fileprivate var frameLength: UInt32? {
    switch body {
    case .delivered(let frame, _), .taken(let frame): frame.length
    default: nil
    }
  }
}

extension [UInt8] {
  fileprivate mutating func put(_ word: UInt32) {
    for shift in stride(from: 0, to: 32, by: 8) { append(UInt8(truncatingIfNeeded: word >> shift)) }
  }
}
