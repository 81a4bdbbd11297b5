internal import Netif
internal import TraceFormat
internal import XenRing

/// Events as lines of the text form, without their payload.
enum EventLines {
  /// A line for each event; they are consecutive events, so that extra infos are known for what they are.
  static func of(_ events: [TraceEvent]) -> [String] {
    let sink = MemorySink()
    let header = TraceHeader(
      source: .byHand, clock: .monotonic, profile: .linux, snapLength: 0, tool: "", vifs: [])
    do throws(TraceWriteError) {
      var writer = try TraceTextWriter(header, to: sink)
      for event in events {
        let zeros = [UInt8](repeating: 0, count: event.payloadLength)
        try writer.append(event, payload: zeros.span.octets)
      }
      try writer.finish()
    } catch {
      return events.map { "\($0)" }
    }
    let lines = String(decoding: sink.octets, as: UTF8.self).split(separator: "\n")
    return lines.drop { $0 != "events" }.dropFirst().filter { !$0.hasPrefix("  ") }
      .map(withoutPayload)
  }

  /// The octets are not at hand: what stands for them is left out.
  private static func withoutPayload(_ line: Substring) -> String {
    let end = [" data=", " text="].compactMap { line.firstRange(of: $0)?.lowerBound }.min()
    return String(line[..<(end ?? line.endIndex)])
  }
}
