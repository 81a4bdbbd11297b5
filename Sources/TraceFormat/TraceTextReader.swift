internal import Netif
internal import XenInterface
internal import XenRing

/// Reads the text form of a trace, one line at a time.
public struct TraceTextReader: ~Copyable {
  /// What every trace in the text form begins with.
  public static var title: String { HeaderText.title }
  /// What the trace says of itself.
  public let header: TraceHeader
  private var input: TextInput
  private var octets = OctetBuffer()

  /// Reads the header.
  public init(_ source: any ByteSource) throws(TraceTextError) {
    var parser = HeaderTextParser(source)
    header = try parser.parse()
    input = parser.rest()
  }

  /// The payload of the event that `next` returned last, until `next` is called again.
  public var payload: RawSpan {
    @_lifetime(borrow self) get { octets.bytes }
  }

  /// The next event; nil at the end.
  public mutating func next() throws(TraceTextError) -> TraceEvent? {
    try input.nextRecord() ? try event() : nil
  }

  /// The error of not finding something in the line read last.
  func missing(_ expected: TraceTextExpectation) -> TraceTextError { input.missing(expected) }

  private mutating func event() throws(TraceTextError) -> TraceEvent {
    let time = try input.fields.cursor.takeTime()
    input.fields.cursor.skipSpaces()
    let vif = UInt16(try input.fields.cursor.takeNumber(upTo: UInt64(UInt16.max)))
    guard input.fields.cursor.takeIf(0x2e) else { throw input.fields.cursor.missing(.oneOf(["."])) }
    let queue = UInt16(try input.fields.cursor.takeNumber(upTo: UInt64(UInt16.max)))
    let origin = try input.fields.cursor.take(oneOf: EventText.origins)
    let kind = TextKind.all[try input.fields.cursor.take(oneOf: TextKind.words)]
    guard let blank = kind.kind.blank else { throw input.fields.cursor.missing(.endOfLine) }
    let body = try EventText.code(blank, isExtra: kind.isExtra, &input.fields)
    try takePayload(of: body)
    return TraceEvent(
      time: time, vif: vif, queue: queue, origin: origin == 0 ? .fetched : .observed,
      try body.with(payloadLength: octets.count).orThrow(input.fields.cursor.missing(.shorter)))
  }

  private mutating func takePayload(of body: TraceEvent.Body) throws(TraceTextError) {
    octets.removeAll()
    guard body.hasPayload else { return try input.fields.cursor.takeEnd() }
    if input.fields.cursor.takeIf(field: "text") {
      try input.fields.cursor.takeText(into: &octets)
      return try input.fields.cursor.takeEnd()
    }
    guard input.fields.cursor.takeIf(field: "data") else {
      return try input.fields.cursor.takeEnd()
    }
    try input.fields.cursor.takeOctets(into: &octets)
    try input.fields.cursor.takeEnd()
    while try input.next() {
      guard input.fields.cursor.isContinuation, !input.fields.cursor.isAtEnd else {
        return input.hold()
      }
      try input.fields.cursor.takeOctets(into: &octets)
      try input.fields.cursor.takeEnd()
      guard octets.count <= TraceLimits.payload else { throw input.fields.cursor.missing(.shorter) }
    }
  }
}

extension Optional {
  fileprivate func orThrow<E: Error>(_ error: E) throws(E) -> Wrapped {
    guard let self else { throw error }
    return self
  }
}

extension TraceEvent.Body {
  /// The same with the length of the payload found beside it; nil when that is too long.
  fileprivate func with(payloadLength count: Int) -> Self? {
    switch self {
    case .memory(var operand):
      guard count <= UInt16.max else { return nil }
      operand.captured = UInt16(count)
      return .memory(operand)
    case .delivered(let frame, let request):
      return .delivered(frame.with(captured: count), request: request)
    case .taken(let frame): return .taken(frame.with(captured: count))
    case .dropped(let frame): return .dropped(frame.with(captured: count))
    case .key(let side, _): return .key(of: side, length: UInt32(count))
    case .note: return .note(length: UInt32(count))
    case .snapshot: return .snapshot(length: UInt32(count))
    default: return self
    }
  }
}

extension TraceEvent.FrameRecord {
  fileprivate func with(captured count: Int) -> Self {
    Self(length: length, captured: UInt32(count), offload: offload)
  }
}
