/// What stands before each block: how long it is and what is in it, with a checksum of its own.
struct BlockHead: Hashable {
  /// Octets of a head.
  static var size: Int { 88 }
  /// What every head begins with, so that blocks are found again: "RSBK".
  static var marker: UInt32 { 0x4b42_5352 }

  enum Kind: UInt8 {
    case events = 1
    case index = 2
  }

  /// The number of the kind; one that is not in `Kind` may be skipped if `isSkippable`.
  var kind: UInt8
  var isSkippable = false
  /// Octets of the columns, or of the index, before and after compression.
  var columns = 0
  var storedColumns = 0
  /// Octets of the payload before and after compression.
  var payload = 0
  var storedPayload = 0
  /// Numbers of the block's first event, packet and ring event.
  var firstEvent: UInt64 = 0
  var firstPacket: UInt64 = 0
  var firstRingEvent: UInt64 = 0
  /// How many it has.
  var events: UInt32 = 0
  var packets: UInt32 = 0
  var ringEvents: UInt32 = 0
  /// Times of its first and last event in nanoseconds.
  var firstTime: UInt64 = 0
  var lastTime: UInt64 = 0
  /// Of the octets that follow.
  var dataChecksum: UInt32 = 0

  init(_ kind: Kind) { self.kind = kind.rawValue }

  /// Octets in the file behind the head.
  var storedSize: Int { storedColumns + storedPayload }

  /// Writes the head.
  func append(to target: inout OctetBuffer) {
    let start = target.count
    target.append(littleEndian: Self.marker)
    target.append(kind)
    target.append(isSkippable ? 1 : 0)
    target.appendReserved(2)
    for size in [columns, storedColumns, payload, storedPayload] {
      target.append(littleEndian: UInt32(size))
    }
    for number in [firstEvent, firstPacket, firstRingEvent, firstTime, lastTime] {
      target.append(littleEndian: number)
    }
    for count in [events, packets, ringEvents, dataChecksum, 0] {
      target.append(littleEndian: count)
    }
    target.append(littleEndian: checksum(target.bytes.extracting(start..<start + Self.size - 4)))
  }

  /// Parses the head that stands at `offset` in the file.
  init(_ bytes: RawSpan, at offset: UInt64) throws(TraceError) {
    guard bytes.load(at: 0, as: UInt32.self) == Self.marker else {
      throw .corrupt(offset: offset, .marker)
    }
    let expected = bytes.load(at: Self.size - 4, as: UInt32.self)
    guard checksum(bytes.extracting(0..<Self.size - 4)) == expected else {
      throw .corrupt(offset: offset, .checksum)
    }
    var cursor = OctetCursor(bytes)
    do throws(Corruption) { try self.init(&cursor) } catch {
      throw .corrupt(offset: offset, error)
    }
    guard columns <= TraceLimits.columns || kind != Kind.events.rawValue,
      columns <= TraceLimits.index, payload <= TraceLimits.blockPayload,
      storedColumns <= columns + columns / 8 + 64, storedPayload <= payload + payload / 8 + 64
    else { throw .overLimit(offset: offset) }
  }

  private init(_ cursor: inout OctetCursor) throws(Corruption) {
    _ = try cursor.take(UInt32.self)
    kind = try cursor.take(UInt8.self)
    isSkippable = try cursor.take(UInt8.self, below: 2) != 0
    try cursor.takeReserved(2)
    columns = Int(try cursor.take(UInt32.self))
    storedColumns = Int(try cursor.take(UInt32.self))
    payload = Int(try cursor.take(UInt32.self))
    storedPayload = Int(try cursor.take(UInt32.self))
    firstEvent = try cursor.take(UInt64.self)
    firstPacket = try cursor.take(UInt64.self)
    firstRingEvent = try cursor.take(UInt64.self)
    firstTime = try cursor.take(UInt64.self)
    lastTime = try cursor.take(UInt64.self)
    events = try cursor.take(UInt32.self)
    packets = try cursor.take(UInt32.self)
    ringEvents = try cursor.take(UInt32.self)
    dataChecksum = try cursor.take(UInt32.self)
    try cursor.takeReserved(4)
  }
}
