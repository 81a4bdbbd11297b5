import XenInterface
import XenRing

extension TapReader {
  /// Octets of an entry's contents, and the padding behind them.
  @_lifetime(self: copy self)
  private mutating func contents(_ count: UInt16) throws(TapDecodingError) -> Range<Int> {
    let start = offset
    try skip((Int(count) + 7) & ~7)
    return start..<start + Int(count)
  }

  @_lifetime(self: copy self)
  mutating func copyHeader() throws(TapDecodingError) -> (copy: TapCopy, kept: UInt16) {
    let source: UInt64 = try next()
    let sourceDomain: UInt16 = try next()
    let sourceOffset: UInt16 = try next()
    try skip(4)
    let destination: UInt64 = try next()
    let destinationDomain: UInt16 = try next()
    let destinationOffset: UInt16 = try next()
    try skip(4)
    let length: UInt16 = try next()
    let flags: UInt16 = try next()
    func operand(_ page: UInt64, _ domain: UInt16, _ offset: UInt16, isGrant: Bool)
      -> TapCopyOperand
    {
      TapCopyOperand(
        grant: isGrant ? GrantReference(rawValue: UInt32(truncatingIfNeeded: page)) : nil,
        domain: DomainID(rawValue: domain), offset: offset)
    }
    let copy = TapCopy(
      // GNTCOPY_source_gref and GNTCOPY_dest_gref.
      source: operand(source, sourceDomain, sourceOffset, isGrant: flags & 1 != 0),
      destination: operand(
        destination, destinationDomain, destinationOffset, isGrant: flags & 2 != 0),
      length: length, status: try next(), contents: 0..<0)
    return (copy, try next())
  }

  @_lifetime(self: copy self)
  mutating func copies() throws(TapDecodingError) -> [TapCopy] {
    let count: UInt32 = try next()
    try skip(4)
    var copies: [TapCopy] = []
    for _ in 0..<count {
      var (copy, kept) = try copyHeader()
      copy.contents = try contents(kept)
      copies.append(copy)
    }
    return copies
  }

  @_lifetime(self: copy self)
  mutating func maps() throws(TapDecodingError) -> [TapMap] {
    let count: UInt32 = try next()
    try skip(4)
    var maps: [TapMap] = []
    for _ in 0..<count {
      try skip(8)
      let flags: UInt32 = try next()
      let grant = GrantReference(rawValue: try next())
      let domain = DomainID(rawValue: try next())
      let status: Int16 = try next()
      let handle: UInt32 = try next()
      try skip(8)
      let pending: UInt16 = try next()
      let offset: UInt16 = try next()
      let length: UInt16 = try next()
      let kept: UInt16 = try next()
      maps.append(
        TapMap(
          grant: grant, domain: domain, flags: flags, status: status, handle: handle,
          pendingIndex: pending == 0xffff ? nil : pending, offset: offset, length: length,
          contents: try contents(kept)))
    }
    return maps
  }

  @_lifetime(self: copy self)
  mutating func unmaps() throws(TapDecodingError) -> [TapUnmap] {
    let count: UInt32 = try next()
    try skip(4)
    var unmaps: [TapUnmap] = []
    for _ in 0..<count {
      try skip(16)
      unmaps.append(TapUnmap(handle: try next(), status: try next()))
      try skip(2)
    }
    return unmaps
  }

  @_lifetime(self: copy self)
  mutating func rxFlush() throws(TapDecodingError) -> TapRxFlush {
    let consumer = try index()
    let operations: UInt32 = try next()
    var (responses, count) = try span(wordsPerSlot: 2)
    responses.words = try words(count * 2)
    let indices = try words(Int(operations))
    var flush = TapRxFlush(requestConsumer: consumer, responses: responses, copies: [])
    for index in indices {
      let (copy, _) = try copyHeader()
      let index = RingIndex(rawValue: index)
      flush.copies.append(.init(index: index, copy: copy))
      // The backend enters a failed copy in the response that is already there.
      let place = Int(index.rawValue &- responses.first.rawValue)
      if copy.status != 0, place < count {
        let status = UInt32(UInt16(bitPattern: copy.status)) << 16
        flush.responses.words[place * 2 + 1] =
          flush.responses.words[place * 2 + 1] & 0xffff | status
      }
    }
    return flush
  }
}
