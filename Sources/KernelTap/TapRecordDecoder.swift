import XenInterface
import XenRing

// The layouts are those of bpf/tap_event.h.

extension TapRecord {
  /// Decodes one record of the ring buffer.
  init(decoding octets: RawSpan) throws(TapDecodingError) {
    var reader = TapReader(octets)
    sequence = try reader.next()
    time = MonotonicInstant(nanoseconds: try reader.next())
    let kind: UInt16 = try reader.next()
    let queue: UInt16 = try reader.next()
    let flags: UInt16 = try reader.next()
    processor = try reader.next()
    self.queue = queue == 0xffff ? nil : queue
    body = try reader.body(kind, flags: flags)
    self.octets = body.hasContents ? reader.copied() : []
  }
}

extension TapRecord.Body {
  /// Whether ranges in it point into the record's octets.
  fileprivate var hasContents: Bool {
    switch self {
    case .copies, .maps, .delivered, .taken, .controlCopies: true
    default: false
    }
  }
}

extension TapReader {
  @_lifetime(self: copy self)
  fileprivate mutating func body(
    _ kind: UInt16, flags: UInt16
  ) throws(TapDecodingError) -> TapRecord.Body {
    switch kind {
    case 1: .txSnapshot(try txSnapshot(flags: flags))
    case 2: .rxSnapshot(try rxSnapshot())
    case 3: .vif(try vif())
    case 4: .pollBegin(try poll())
    case 5: .txSlots(try slotsRecord(wordsPerSlot: 3))
    case 6: .copies(try copies())
    case 7: .maps(try maps())
    case 8: .unmaps(try unmaps())
    case 9: .response(try response(flags: flags))
    case 10: .responseSlots(try slotsRecord(wordsPerSlot: 3))
    case 11: .releases(try releases())
    case 12: .delivered(try frame(flags: flags))
    case 13: .pollEnd(try poll())
    case 14: .rxRequests(try slotsRecord(wordsPerSlot: 2))
    case 15: .taken(try frame(flags: flags))
    case 16: .rxFlush(try rxFlush())
    case 17: .connected(result: Int32(truncatingIfNeeded: try next(Int64.self)))
    case 18: .disconnected(queues: Int(try next(Int64.self)))
    case 19: .disabled
    case 20: .carrierOff
    case 21: .nothing
    case 22: .controlSnapshot(try controlSnapshot())
    case 23: .controlRequests(try controlSlots())
    case 24: .controlCopies(try controlCopies())
    case 25: .controlAnswers(try controlSlots())
    default: throw .unknownKind(kind)
    }
  }

  @_lifetime(self: copy self)
  mutating func flag() throws(TapDecodingError) -> Bool { try next(UInt8.self) != 0 }

  @_lifetime(self: copy self)
  mutating func index() throws(TapDecodingError) -> RingIndex { RingIndex(rawValue: try next()) }

  @_lifetime(self: copy self)
  mutating func words(_ count: Int) throws(TapDecodingError) -> [UInt32] {
    guard count * 4 <= remaining else { throw .short }
    var words: [UInt32] = []
    words.reserveCapacity(count)
    for _ in 0..<count { words.append(try next()) }
    return words
  }

  @_lifetime(self: copy self)
  mutating func vif() throws(TapDecodingError) -> TapVif {
    TapVif(
      domain: DomainID(rawValue: UInt16(truncatingIfNeeded: try next(UInt32.self))),
      handle: VifHandle(rawValue: try next()), queues: try next(), segmentation: try next(),
      scatterGather: try flag(), checksumIPv4: try flag(), checksumIPv6: try flag(),
      multicastControl: try flag(), isDisabled: try flag(), isConnected: try flag(),
      address: [try next(), try next(), try next(), try next(), try next(), try next()],
      multicastAddresses: try next(), headroom: try next())
  }

  @_lifetime(self: copy self)
  mutating func ring() throws(TapDecodingError) -> TapRing {
    TapRing(
      requestProducer: try index(), requestEvent: try index(), responseProducer: try index(),
      responseEvent: try index(), requestConsumer: try index(), privateProducer: try index())
  }

  /// First index and count of a span of slots, which come later.
  @_lifetime(self: copy self)
  mutating func span(wordsPerSlot: Int) throws(TapDecodingError) -> (slots: TapSlots, count: Int) {
    let first = try index()
    let count: UInt32 = try next()
    return (TapSlots(first: first, wordsPerSlot: wordsPerSlot, words: []), Int(count))
  }

  @_lifetime(self: copy self)
  mutating func slotsRecord(wordsPerSlot: Int) throws(TapDecodingError) -> TapSlots {
    try skip(8)
    var (slots, count) = try span(wordsPerSlot: wordsPerSlot)
    slots.words = try words(count * wordsPerSlot)
    return slots
  }

  @_lifetime(self: copy self)
  mutating func poll() throws(TapDecodingError) -> TapPoll {
    let ring = try ring()
    let credit: UInt64 = try next()
    let packets: UInt32 = try next()
    let limited: UInt32 = try next()
    var (slots, count) = try span(wordsPerSlot: 3)
    slots.words = try words(count * 3)
    return TapPoll(
      ring: ring, remainingCredit: credit, packets: packets, isRateLimited: limited != 0,
      slots: slots)
  }

  @_lifetime(self: copy self)
  mutating func response(flags: UInt16) throws(TapDecodingError) -> TapResponse {
    let index = try index()
    let extras: UInt32 = try next()
    let pending: UInt16 = try next()
    return TapResponse(
      index: index, extras: extras, pendingIndex: pending == 0xffff ? nil : pending,
      status: try next(), request: try words(3), isLate: flags & 2 != 0)
  }

  @_lifetime(self: copy self)
  mutating func releases() throws(TapDecodingError) -> TapReleases {
    var releases = TapReleases(first: try next(), pendingIndices: [])
    let count: UInt32 = try next()
    for _ in 0..<min(count, 32) { releases.pendingIndices.append(try next()) }
    return releases
  }

  @_lifetime(self: copy self)
  mutating func frame(flags: UInt16) throws(TapDecodingError) -> TapFrame {
    let length: UInt32 = try next()
    let kept: UInt32 = try next()
    let index = try index()
    let segmentSize: UInt16 = try next()
    let fragments: UInt16 = try next()
    let segmentType: UInt32 = try next()
    let checksum: UInt32 = try next()
    let hash = try flowHash()
    let start = offset
    try skip(Int(kept))
    return TapFrame(
      length: length, index: index, segmentSize: segmentSize, segmentType: segmentType,
      checksum: UInt8(truncatingIfNeeded: checksum), fragments: fragments, hash: hash,
      isPartial: flags & 1 != 0, contents: start..<offset)
  }

  @_lifetime(self: copy self)
  private mutating func flowHash() throws(TapDecodingError) -> TapHash? {
    let value: UInt32 = try next()
    let protocolNumber: UInt16 = try next()
    let kind: UInt16 = try next()
    guard kind > 0 else { return nil }
    return TapHash(
      value: value, protocolNumber: protocolNumber.byteSwapped, coversPorts: kind == 2)
  }
}
