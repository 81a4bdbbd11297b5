import CaptureFormat
import TestSupport
import TraceFormat
import XenRing

/// A trace as a pcapng file.
func capture(_ text: String) throws -> PcapngFile {
  var reader = try TraceTextReader(MemorySource(Array(text.utf8)))
  let sink = MemorySink()
  var writer = try CaptureWriter(reader.header, to: sink)
  while let event = try reader.next() { try writer.append(event, payload: reader.payload) }
  try writer.finish()
  return try PcapngFile(sink.octets)
}

/// The same of events alone, of a vif with one queue.
func capture(events: String, header: String = "") throws -> PcapngFile {
  try capture(
    """
    ringside-trace 1.0
    tool "test 1"
    \(header)
    vif domain=5 handle=1 features=0x1 disabled=no hash-algorithm=0 hash-types=0x0
     queue
    events
    \(events)

    """)
}

extension PcapngFile {
  /// Packets that are frames.
  var frames: [Packet] { packets.filter { interfaces[$0.interface].link == 1 } }

  /// Packets that are other events.
  var events: [Packet] { packets.filter { interfaces[$0.interface].link == 147 } }

  /// The comments, in order.
  var comments: [String] { packets.compactMap(\.comment) }
}
