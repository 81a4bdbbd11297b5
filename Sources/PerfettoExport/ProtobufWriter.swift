/// Writes fields of protocol buffer messages, one behind the other.
struct ProtobufWriter {
  /// What was written so far.
  private(set) var octets: [UInt8] = []

  /// How a field's value is stored.
  private enum Wire: UInt64 { case variable = 0, fixed = 1, delimited = 2 }

  /// Writes an integer of seven bits per octet.
  mutating func put(_ field: UInt64, _ value: UInt64) {
    putKey(field, .variable)
    put(variable: value)
  }

  /// Writes an integer that may be negative: as `int64`, in two's complement.
  mutating func put(_ field: UInt64, signed value: Int64) {
    put(field, UInt64(bitPattern: value))
  }

  /// Writes an integer of eight octets.
  mutating func put(_ field: UInt64, fixed value: UInt64) {
    putKey(field, .fixed)
    for shift in stride(from: UInt64(0), to: 64, by: 8) {
      octets.append(UInt8(truncatingIfNeeded: value >> shift))
    }
  }

  /// Writes text.
  mutating func put(_ field: UInt64, _ text: String) {
    putKey(field, .delimited)
    put(variable: UInt64(text.utf8.count))
    octets.append(contentsOf: text.utf8)
  }

  /// Writes a message within the message.
  mutating func put(_ field: UInt64, message: (inout ProtobufWriter) -> Void) {
    putKey(field, .delimited)
    let place = octets.count
    octets.append(0)
    message(&self)
    setLength(octets.count - place - 1, at: place)
  }

  /// Forgets what was written, and keeps the room.
  mutating func removeAll() { octets.removeAll(keepingCapacity: true) }

  private mutating func putKey(_ field: UInt64, _ wire: Wire) {
    put(variable: field << 3 | wire.rawValue)
  }

  private mutating func put(variable value: UInt64) {
    var rest = value
    while rest > 0x7f {
      octets.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    octets.append(UInt8(truncatingIfNeeded: rest))
  }

  /// Most messages are short enough for the one octet that was left for their length.
  private mutating func setLength(_ length: Int, at place: Int) {
    guard length > 0x7f else { return octets[place] = UInt8(length) }
    var head = ProtobufWriter()
    head.put(variable: UInt64(length))
    octets.replaceSubrange(place...place, with: head.octets)
  }
}
