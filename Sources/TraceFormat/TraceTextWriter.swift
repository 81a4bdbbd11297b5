internal import Netif
internal import XenInterface
internal import XenRing

/// Writes the text form of a trace: leading lines for the header, then a line per event.
public struct TraceTextWriter: ~Copyable {
  private let sink: any ByteSink
  private var fields = TextFieldWriter()
  private var extras = ExtraTracker()
  private static var chunk: Int { 64 << 10 }

  /// Writes the header.
  public init(_ header: TraceHeader, to sink: any ByteSink) throws(TraceWriteError) {
    self.sink = sink
    do throws(TraceTextError) { try append(header) } catch { throw .overLimit }
    try flush(from: Self.chunk)
  }

  /// Appends an event with its payload, which is as long as the event says.
  public mutating func append(
    _ event: TraceEvent, payload: RawSpan
  ) throws(TraceWriteError) {
    let count = payload.byteCount
    guard count == event.payloadLength else {
      throw .payloadMismatch(expected: event.payloadLength, actual: count)
    }
    guard count <= TraceLimits.payload else { throw .overLimit }
    do throws(TraceTextError) { try append(event) } catch { throw .overLimit }
    append(payload, of: event.body)
    fields.output.append(0x0a)
    try flush(from: Self.chunk)
  }

  /// Writes what is left.
  public consuming func finish() throws(TraceWriteError) { try flush(from: 1) }

  private mutating func flush(from least: Int) throws(TraceWriteError) {
    guard fields.output.count >= least else { return }
    do throws(TransferError) { try sink.write(fields.output.bytes) } catch {
      throw .transfer(error)
    }
    fields.output.removeAll()
  }

  // MARK: - Events

  private mutating func append(_ event: TraceEvent) throws(TraceTextError) {
    let isExtra = extras.isExtra(event)
    fields.output.append(event.time)
    fields.output.append(0x20)
    fields.output.append(decimal: UInt64(event.vif))
    fields.output.append(0x2e)
    fields.output.append(decimal: UInt64(event.queue))
    _ = try fields.word(Int(event.origin.rawValue), of: EventText.origins)
    try fields.append(event.body, isExtra: isExtra)
  }

  private mutating func append(_ payload: RawSpan, of body: TraceEvent.Body) {
    guard payload.byteCount > 0 else { return }
    if EventText.isText(body) && payload.byteCount <= EventText.longestText {
      fields.output.append(text: " text=")
      fields.output.append(quoted: payload)
      return
    }
    fields.output.append(text: " data=")
    var rest = payload
    while true {
      let count = min(rest.byteCount, EventText.octetsPerLine)
      fields.output.append(hexadecimal: rest.extracting(0..<count))
      rest = rest.extracting(count..<rest.byteCount)
      guard rest.byteCount > 0 else { return }
      fields.output.append(text: "\n  ")
    }
  }

  // MARK: - Header

  private mutating func append(_ header: TraceHeader) throws(TraceTextError) {
    fields.output.append(text: HeaderText.title)
    fields.output.append(0x20)
    fields.output.append(decimal: UInt64(TraceVersion.major))
    fields.output.append(0x2e)
    fields.output.append(decimal: UInt64(TraceVersion.minor))
    try append("source", Int(header.source.rawValue), of: HeaderText.sources)
    try append("clock", Int(header.clock.rawValue), of: HeaderText.clocks)
    try append("profile", Int(header.profile.rawValue), of: HeaderText.profiles)
    try append("order", Int(header.order.rawValue), of: HeaderText.orders)
    append("wall-time", header.wallTime)
    append("time-unit", UInt64(header.timeUnit))
    append("snap-length", UInt64(header.snapLength))
    append("tool", quoted: header.tool)
    append("options", quoted: header.options)
    append("redaction", quoted: header.redaction)
    for vif in header.vifs { try append(vif) }
    fields.output.append(text: "\nevents\n")
  }

  private mutating func append(_ vif: VifSnapshot) throws(TraceTextError) {
    startLine("vif")
    _ = try HeaderText.vif(vif, &fields)
    if let control = vif.control {
      startLine(" control-ring")
      _ = try HeaderText.indices(control, &fields)
    }
    for address in vif.multicast {
      startLine(" multicast ")
      fields.output.append(hexadecimal: address.bits)
    }
    if !vif.hash.key.isEmpty {
      startLine(" hash-key ")
      let key = vif.hash.key
      fields.output.append(hexadecimal: key.span.octets)
    }
    for queue in vif.hash.mapping {
      startLine(" hash-mapping")
      _ = try fields.number(queue)
    }
    for key in vif.keys {
      append(" key", quoted: key.name)
      fields.output.append(0x20)
      fields.output.append(quoted: key.value)
    }
    for queue in vif.queues { try append(queue) }
  }

  private mutating func append(_ queue: QueueSnapshot) throws(TraceTextError) {
    startLine(" queue")
    startLine("  tx")
    _ = try HeaderText.indices(queue.tx, &fields)
    startLine("  rx")
    _ = try HeaderText.indices(queue.rx, &fields)
    startLine("  credit")
    _ = try HeaderText.credit(queue, &fields)
    startLine("  queued")
    _ = try HeaderText.queued(queue, &fields)
    for entry in queue.unanswered {
      startLine("  unanswered")
      _ = try HeaderText.unanswered(entry, &fields)
    }
    for slot in queue.txSlots {
      startLine("  tx-slot")
      _ = try HeaderText.txSlot(slot, &fields)
    }
    for slot in queue.rxSlots {
      startLine("  rx-slot")
      _ = try HeaderText.rxSlot(slot, &fields)
    }
  }

  private mutating func startLine(_ word: String) {
    fields.output.append(0x0a)
    fields.output.append(text: word)
  }

  private mutating func append(
    _ name: String, _ value: Int, of words: [String]
  ) throws(TraceTextError) {
    startLine(name)
    _ = try fields.word(value, of: words)
  }

  private mutating func append(_ name: String, _ value: UInt64) {
    startLine(name)
    fields.output.append(0x20)
    fields.output.append(decimal: value)
  }

  private mutating func append(_ name: String, quoted text: String) {
    startLine(name)
    fields.output.append(0x20)
    fields.output.append(quoted: text)
  }
}

extension TextFieldWriter {
  /// Prints what happened: its kind, words and fields, without payload.
  package mutating func append(_ body: TraceEvent.Body, isExtra: Bool) throws(TraceTextError) {
    let kind = TextKind(kind: EventKind(of: body), isExtra: isExtra)
    _ = try word(kind.place, of: TextKind.words)
    _ = try EventText.code(body, isExtra: isExtra, &self)
  }
}

extension EventText {
  /// Octets of payload per line.
  static var octetsPerLine: Int { 32 }
  /// Octets of text that stand in quotes; more stand in hexadecimal.
  static var longestText: Int { 4096 }

  /// Whether the payload is for people to read.
  static func isText(_ body: TraceEvent.Body) -> Bool {
    switch body {
    case .key, .note: true
    default: false
    }
  }
}
