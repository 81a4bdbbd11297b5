internal import XenRing

/// Takes integers, strings and lists off the front of octets that nobody has checked.
struct OctetCursor: ~Escapable {
  private let bytes: RawSpan
  /// Octets taken so far.
  private(set) var position = 0

  @_lifetime(copy bytes)
  init(_ bytes: RawSpan) { self.bytes = bytes }

  /// Octets left.
  var left: Int { bytes.byteCount - position }

  /// Takes a little-endian integer.
  @_lifetime(self: copy self)
  mutating func take<T: FixedWidthInteger & BitwiseCopyable>(
    _ type: T.Type
  ) throws(Corruption) -> T {
    guard left >= MemoryLayout<T>.size else { throw .shortColumn }
    defer { position += MemoryLayout<T>.size }
    return bytes.load(at: position, as: type)
  }

  /// Takes an integer that is below `limit`.
  @_lifetime(self: copy self)
  mutating func take<T: FixedWidthInteger & BitwiseCopyable>(
    _ type: T.Type, below limit: T
  ) throws(Corruption) -> T {
    let value = try take(type)
    guard value < limit else { throw .value }
    return value
  }

  /// Takes an octet that is zero.
  @_lifetime(self: copy self)
  mutating func takeReserved(_ count: Int) throws(Corruption) {
    for _ in 0..<count {
      guard try take(UInt8.self) == 0 else { throw .reserved }
    }
  }

  /// Takes a number of entries that must fit in what is left, at `size` octets or more each.
  @_lifetime(self: copy self)
  mutating func takeCount(ofSize size: Int) throws(Corruption) -> Int {
    let count = Int(try take(UInt32.self))
    guard count <= left / size else { throw .shortColumn }
    return count
  }

  /// Takes octets behind their number.
  @_lifetime(self: copy self)
  mutating func takeOctets() throws(Corruption) -> [UInt8] {
    let count = try takeCount(ofSize: 1)
    defer { position += count }
    return bytes.extracting(position..<position + count).array
  }

  /// Takes UTF-8 behind its number of octets.
  @_lifetime(self: copy self)
  mutating func takeString() throws(Corruption) -> String {
    guard let string = String(validating: try takeOctets(), as: UTF8.self) else { throw .value }
    return string
  }
}

extension OctetBuffer {
  /// Appends octets behind their number.
  mutating func append(counted octets: [UInt8]) {
    append(littleEndian: UInt32(octets.count))
    append(octets.span.octets)
  }

  /// Appends UTF-8 behind its number of octets.
  mutating func append(_ string: String) { append(counted: Array(string.utf8)) }

  /// Appends `count` zeros.
  mutating func appendReserved(_ count: Int) { resize(to: self.count + count) }
}
