/// The fields of a protocol buffer message by their numbers, read without knowing more of it.
struct ProtobufMessage {
  /// It ends too early, or a field is stored in a way that is none.
  struct Malformed: Error {}

  private enum Value {
    case number(UInt64)
    case octets(ArraySlice<UInt8>)
  }

  private var fields: [UInt64: [Value]] = [:]

  init(_ octets: ArraySlice<UInt8>) throws {
    var rest = octets
    while !rest.isEmpty {
      let key = try Self.variable(&rest)
      fields[key >> 3, default: []].append(try Self.value(wire: key & 7, &rest))
    }
  }

  /// The numbers of the fields that there are.
  var numbers: Set<UInt64> { Set(fields.keys) }

  /// The integers of a field.
  func integers(_ field: UInt64) throws -> [UInt64] {
    try (fields[field] ?? []).map { value in
      guard case .number(let number) = value else { throw Malformed() }
      return number
    }
  }

  /// The integer of a field that stands once at most.
  func integer(_ field: UInt64) throws -> UInt64? {
    let integers = try integers(field)
    guard integers.count < 2 else { throw Malformed() }
    return integers.first
  }

  /// The messages of a field.
  func messages(_ field: UInt64) throws -> [ProtobufMessage] {
    try octets(field).map { try ProtobufMessage($0) }
  }

  /// The message of a field that stands once at most.
  func message(_ field: UInt64) throws -> ProtobufMessage? {
    let messages = try messages(field)
    guard messages.count < 2 else { throw Malformed() }
    return messages.first
  }

  /// The text of a field.
  func text(_ field: UInt64) throws -> String? {
    try octets(field).first.map { octets in
      guard let text = String(validating: octets, as: UTF8.self) else { throw Malformed() }
      return text
    }
  }

  private func octets(_ field: UInt64) throws -> [ArraySlice<UInt8>] {
    try (fields[field] ?? []).map { value in
      guard case .octets(let octets) = value else { throw Malformed() }
      return octets
    }
  }

  private static func value(wire: UInt64, _ rest: inout ArraySlice<UInt8>) throws -> Value {
    switch wire {
    case 0: return .number(try variable(&rest))
    case 1:
      let octets = try take(8, &rest)
      return .number(octets.reversed().reduce(0) { $0 << 8 | UInt64($1) })
    case 2: return .octets(try take(variable(&rest), &rest))
    default: throw Malformed()
    }
  }

  private static func take(
    _ count: UInt64, _ rest: inout ArraySlice<UInt8>
  ) throws -> ArraySlice<UInt8> {
    guard count <= UInt64(rest.count) else { throw Malformed() }
    defer { rest = rest.dropFirst(Int(count)) }
    return rest.prefix(Int(count))
  }

  private static func variable(_ rest: inout ArraySlice<UInt8>) throws -> UInt64 {
    var value: UInt64 = 0
    for shift in stride(from: UInt64(0), to: 70, by: 7) {
      guard let octet = rest.popFirst() else { throw Malformed() }
      value |= UInt64(octet & 0x7f) << shift
      if octet < 0x80 { return value }
    }
    throw Malformed()
  }
}
