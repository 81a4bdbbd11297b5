internal import Netif
internal import TraceFormat
internal import XenInterface
internal import XenRing

/// Small traces to start from, not compressed, so that a changed octet is a changed field.
enum TraceSeeds {
  /// The trace of a seed, in either form.
  static func trace(_ seed: UInt64, isText: Bool) -> [UInt8] {
    var random = SeededGenerator(seed: seed)
    let sink = MemorySink()
    do {
      if isText {
        var writer = try TraceTextWriter(header, to: sink)
        for event in events(&random) {
          let payload = [UInt8](repeating: 7, count: event.payloadLength)
          try writer.append(event, payload: payload.span.octets)
        }
        try writer.finish()
      } else {
        var writer = try TraceWriter(header, to: sink, level: 0)
        for event in events(&random) {
          let payload = [UInt8](repeating: 7, count: event.payloadLength)
          try writer.append(event, payload: payload.span.octets)
          if random.next() % 16 == 0 { try writer.flush() }
        }
        _ = try writer.finish()
      }
    } catch {
      preconditionFailure("a seed cannot be written: \(error)")
    }
    return sink.octets
  }

  private static var header: TraceHeader {
    TraceHeader(
      source: .fuzzer, clock: .simulated, profile: .linux, snapLength: 64, tool: "ringside-fuzz",
      vifs: [
        VifSnapshot(
          domain: DomainID(rawValue: 1), handle: VifHandle(rawValue: 0),
          queues: [QueueSnapshot()])
      ])
  }

  private static func events(_ random: inout SeededGenerator) -> [TraceEvent] {
    (0..<12).map { _ in
      TraceEvent(
        time: MonotonicInstant(nanoseconds: random.next() % 1_000_000),
        queue: UInt16(random.next() % 3), origin: .fetched, body(&random))
    }
  }

  private static func body(_ random: inout SeededGenerator) -> TraceEvent.Body {
    let word = UInt32(truncatingIfNeeded: random.next() % 300)
    let index = RingIndex(rawValue: word)
    let grant = GrantReference(rawValue: word)
    let size = UInt16(truncatingIfNeeded: random.next() % 40)
    let operand = TraceEvent.GrantOperand(grant: grant, offset: 0, length: size, captured: 0)
    let frame = TraceEvent.FrameRecord(
      length: word, captured: UInt32(size), offload: FrameOffload(checksum: .partial))
    let words = TraceEvent.Words(word, UInt32(random.next() % 16) << 16, word | word << 16)
    switch random.next() % 20 {
    case 0...4: return .slot(ring: .tx, index: index, words)
    case 5: return .slot(ring: .rx, index: index, TraceEvent.Words(word, word))
    case 6: return .slot(ring: .control, index: index, words)
    case 7: return .grantCopy(operand, direction: .fromGuest, status: .okay)
    case 8: return .grantCopy(operand, direction: .toGuest, status: .okay)
    case 9: return .grantMap(grant, readOnly: true, handle: word, status: .okay)
    case 10: return .grantUnmap(grant, handle: word, status: .okay)
    case 11, 12:
      return .memory(
        TraceEvent.GrantOperand(grant: grant, offset: 0, length: size, captured: size))
    case 13: return .delivered(frame, request: index)
    case 14: return .taken(frame)
    case 15: return .txResponse(index: index, request: index, id: size, status: .okay)
    case 16: return .rxResponse(index: index, word0: word, word1: word << 16)
    case 17: return .key(of: .frontend, length: UInt32(size))
    case 18: return .eventIndex(ring: .tx, by: .backend, index: index)
    default: return .pollEnd(ring: .tx, consumer: index, producer: index, packets: word)
    }
  }
}
