public import TraceFormat

/// Reads a trace as it looks redacted, event by event.
public struct RedactedTrace: ~Copyable {
  private var reader: TraceReader
  private var redactor: TraceRedactor
  private var isAtEnd = false

  /// Reads the header.
  public init(_ source: any ByteSource, _ redaction: Redaction) throws(TraceError) {
    try self.init(source, redaction.statement, redaction.replacement)
  }

  init(
    _ source: any ByteSource, _ statement: RedactionStatement, _ replacement: Replacement?
  ) throws(TraceError) {
    reader = try TraceReader(source)
    redactor = TraceRedactor(reader.header, statement, replacement)
  }

  /// The header of the redacted trace.
  public var header: TraceHeader { redactor.header }

  /// The next event; nil at the end.
  public mutating func next() throws(TraceError) -> RedactedEvent? {
    while true {
      if let event = redactor.next() { return event }
      guard !isAtEnd else { return nil }
      if let event = try reader.next() {
        redactor.take(event, payload: reader.payload)
      } else {
        isAtEnd = true
        redactor.finish()
      }
    }
  }
}
