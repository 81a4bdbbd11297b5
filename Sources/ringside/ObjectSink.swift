internal import TraceFormat
internal import XenRing

/// Takes the text form of a trace and prints a JSON object for each of its events.
///
/// The fields have the names that the text form gives them.
final class ObjectSink: ByteSink {
  private var line: [UInt8] = []
  private var pending: EventFields?
  private var isInEvents = false

  /// See `ByteSink`.
  func write(_ octets: RawSpan) throws(TransferError) {
    for place in 0..<octets.byteCount {
      let octet = octets.octet(at: place)
      if octet == 0x0A { takeLine() } else { line.append(octet) }
    }
  }

  deinit { flush() }

  private func takeLine() {
    let text = String(decoding: line, as: UTF8.self)
    line.removeAll(keepingCapacity: true)
    guard isInEvents else { return isInEvents = text == "events" }
    if text.hasPrefix("  ") {
      pending?.appendData(text)
    } else {
      flush()
      pending = EventFields(text)
    }
  }

  private func flush() {
    if let pending { JSONLine.print(pending) }
    pending = nil
  }
}

/// An event's line of the text form, taken apart.
struct EventFields: Encodable {
  /// The value of a field.
  enum Value: Encodable {
    case number(Int64)
    case word(String)

    /// Takes decimal and hexadecimal numbers for numbers, all else for a word.
    init(_ text: Substring) {
      let number = text.hasPrefix("0x") ? Int64(text.dropFirst(2), radix: 16) : Int64(text)
      self = number.map(Value.number) ?? .word(String(text))
    }

    func encode(to encoder: any Encoder) throws {
      var container = encoder.singleValueContainer()
      switch self {
      case .number(let number): try container.encode(number)
      case .word(let word): try container.encode(word)
      }
    }
  }

  private var fields: [String: Value] = [:]

  /// Takes `TIME VIF.QUEUE ORIGIN KIND`, words without and fields with a name, and text in quotes.
  init(_ line: String) {
    var words = line[...]
    if let quoted = line.firstRange(of: " text=\"") {
      fields["text"] = .word(Self.unquoted(line[quoted.upperBound...].dropLast()))
      words = line[..<quoted.lowerBound]
    }
    let parts = words.split(separator: " ")
    guard parts.count >= 4 else { return }
    let lane = parts[1].split(separator: ".")
    fields["time"] = .word(String(parts[0]))
    fields["vif"] = lane.first.map(Value.init)
    fields["queue"] = lane.last.map(Value.init)
    fields["origin"] = .word(String(parts[2]))
    fields["event"] = .word(String(parts[3]))
    for part in parts.dropFirst(4) { add(part, isState: parts[3] == "state") }
  }

  /// Takes a further line of octets.
  mutating func appendData(_ line: String) {
    guard case .word(let octets)? = fields["data"] else { return }
    fields["data"] = .word(octets + line.filter { !$0.isWhitespace })
  }

  private mutating func add(_ part: Substring, isState: Bool) {
    let sides = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    switch (sides.count, sides[0]) {
    case (2, "data"): fields["data"] = .word(String(sides[1]))
    case (2, let name): fields[String(name)] = Value(sides[1])
    default:
      let value = Value(part)
      if case .number = value {
        fields["index"] = value
      } else {
        fields[isState ? "state" : "ring"] = value
      }
    }
  }

  private static func unquoted(_ text: Substring) -> String {
    var octets: [UInt8] = []
    var rest = Array(text.utf8)[...]
    while let octet = rest.popFirst() {
      guard octet == UInt8(ascii: "\\"), let escaped = rest.popFirst() else {
        octets.append(octet)
        continue
      }
      guard escaped == UInt8(ascii: "x") else {
        octets.append(escaped)
        continue
      }
      octets.append(UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16) ?? 0x3F)
      rest = rest.dropFirst(2)
    }
    return String(decoding: octets, as: UTF8.self)
  }

  func encode(to encoder: any Encoder) throws { try fields.encode(to: encoder) }
}
