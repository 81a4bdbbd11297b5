import XenRing

extension TapReader {
  @_lifetime(self: copy self)
  mutating func controlSnapshot() throws(TapDecodingError) -> TapControlSnapshot {
    let ring = try ring()
    let isConnected: UInt32 = try next()
    let round: UInt32 = try next()
    let algorithm: UInt32 = try next()
    let types: UInt32 = try next()
    let size: UInt32 = try next()
    let key = try octets(40)
    let mapping = try words(128).prefix(Int(min(size, 128)))
    return TapControlSnapshot(
      round: round, ring: isConnected != 0 ? ring : nil, algorithm: algorithm, types: types,
      key: key, mapping: Array(mapping))
  }

  @_lifetime(self: copy self)
  mutating func controlSlots() throws(TapDecodingError) -> TapControlSlots {
    let ring = try ring()
    var (slots, count) = try span(wordsPerSlot: 4)
    slots.words = try words(count * 4)
    return TapControlSlots(ring: ring, slots: slots)
  }

  @_lifetime(self: copy self)
  mutating func controlCopies() throws(TapDecodingError) -> TapControlCopies {
    let index = try index()
    let operations: UInt32 = try next()
    let length: UInt32 = try next()
    try skip(4)
    var copies: [TapCopy] = []
    for place in 0..<2 as Range<UInt32> {
      let (copy, _) = try copyHeader()
      if place < operations { copies.append(copy) }
    }
    let start = offset
    try skip(Int(length))
    return TapControlCopies(index: index, copies: copies, contents: start..<offset)
  }

  @_lifetime(self: copy self)
  mutating func octets(_ count: Int) throws(TapDecodingError) -> [UInt8] {
    guard count <= remaining else { throw .short }
    var octets: [UInt8] = []
    for _ in 0..<count { octets.append(try next()) }
    return octets
  }
}
