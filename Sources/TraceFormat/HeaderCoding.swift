internal import Netif
internal import XenInterface
internal import XenRing

/// The fixed octets every trace begins with.
package enum Preamble {
  /// Octets of the preamble.
  static var size: Int { 32 }
  /// A high octet, a name, and line ends that a conversion for text would change.
  package static var magic: [UInt8] { [0x89, 0x52, 0x53, 0x54, 0x0d, 0x0a, 0x1a, 0x0a] }

  /// Writes the preamble for a header of these octets.
  static func append(for header: borrowing OctetBuffer, to target: inout OctetBuffer) {
    let start = target.count
    target.append(magic.span.octets)
    target.append(littleEndian: TraceVersion.major)
    target.append(littleEndian: TraceVersion.minor)
    target.append(littleEndian: UInt32(header.count))
    target.append(littleEndian: checksum(header.bytes))
    target.appendReserved(8)
    target.append(littleEndian: checksum(target.bytes.extracting(start..<start + 28)))
  }

  /// The header's length and checksum, from the first octets of a file, which may be too few.
  static func parse(_ bytes: RawSpan) throws(TraceError) -> (length: Int, checksum: UInt32) {
    try checkMagic(bytes)
    guard bytes.byteCount >= size else { throw .truncated(offset: UInt64(bytes.byteCount)) }
    // First, for where the checksum stands is a matter of the version.
    let major = bytes.load(at: 8, as: UInt16.self)
    guard major.byteSwapped != TraceVersion.major else { throw .foreignByteOrder }
    guard major == TraceVersion.major else {
      throw .unsupportedVersion(major: major, minor: bytes.load(at: 10, as: UInt16.self))
    }
    guard checksum(bytes.extracting(0..<28)) == bytes.load(at: 28, as: UInt32.self) else {
      throw .corrupt(offset: 0, .checksum)
    }
    guard bytes.load(at: 20, as: UInt64.self) == 0 else {
      throw .corrupt(offset: 20, .reserved)
    }
    let length = Int(bytes.load(at: 12, as: UInt32.self))
    guard length <= TraceLimits.header else { throw .overLimit(offset: 12) }
    return (length, bytes.load(at: 16, as: UInt32.self))
  }

  private static func checkMagic(_ bytes: RawSpan) throws(TraceError) {
    let count = min(bytes.byteCount, magic.count)
    guard count > 0 else { throw .notATrace }
    guard !isSwapped(bytes) else { throw .foreignByteOrder }
    for place in 0..<count where bytes.octet(at: place) != magic[place] {
      guard place >= 4 else { throw .notATrace }
      throw .corrupt(offset: UInt64(place), .textConversion)
    }
  }

  /// Whether the magic stands there with the octets of words of some size the other way round.
  private static func isSwapped(_ bytes: RawSpan) -> Bool {
    guard bytes.byteCount >= magic.count else { return false }
    return [2, 4, 8].contains { word in
      magic.indices.allSatisfy { bytes.octet(at: $0) == magic[$0 ^ (word - 1)] }
    }
  }
}

extension TraceHeader {
  /// Writes the header as it stands behind the preamble.
  func append(to target: inout OctetBuffer) {
    target.append(source.rawValue)
    target.append(clock.rawValue)
    target.append(profile.rawValue)
    target.append(order.rawValue)
    target.append(littleEndian: snapLength)
    target.append(littleEndian: wallTime)
    target.append(littleEndian: timeUnit)
    target.appendReserved(12)
    target.append(tool)
    target.append(options)
    target.append(redaction)
    target.append(littleEndian: UInt32(vifs.count))
    for vif in vifs { vif.append(to: &target) }
  }

  /// Parses a header. What follows it was added by a later minor version.
  init(_ cursor: inout OctetCursor) throws(Corruption) {
    guard let source = Source(rawValue: try cursor.take(UInt8.self)),
      let clock = Clock(rawValue: try cursor.take(UInt8.self)),
      let profile = RuleProfile(rawValue: try cursor.take(UInt8.self)),
      let order = AnswerOrder(rawValue: try cursor.take(UInt8.self))
    else { throw .value }
    self.source = source
    self.clock = clock
    self.profile = profile
    self.order = order
    snapLength = try cursor.take(UInt32.self)
    wallTime = try cursor.take(UInt64.self)
    timeUnit = try cursor.take(UInt32.self)
    guard timeUnit > 0 else { throw .value }
    try cursor.takeReserved(12)
    tool = try cursor.takeString()
    options = try cursor.takeString()
    redaction = try cursor.takeString()
    vifs = []
    for _ in 0..<(try cursor.takeCount(ofSize: VifSnapshot.leastSize)) {
      vifs.append(try VifSnapshot(&cursor))
    }
  }
}
