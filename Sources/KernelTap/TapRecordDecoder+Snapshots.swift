import XenInterface
import XenRing

extension TapReader {
  @_lifetime(self: copy self)
  mutating func txSnapshot(flags: UInt16) throws(TapDecodingError) -> TapTxSnapshot {
    let vif = try vif()
    let ring = try ring()
    let pendingProducer: UInt32 = try next()
    let pendingConsumer: UInt32 = try next()
    let releaseProducer: UInt32 = try next()
    let releaseConsumer: UInt32 = try next()
    try skip(4)  // alignment
    let credit: UInt64 = try next()
    let creditBytes: UInt64 = try next()
    let creditMicroseconds: UInt64 = try next()
    let limited: UInt32 = try next()
    var (slots, count) = try span(wordsPerSlot: 3)
    let round: UInt32 = try next()
    let pending = try pendingRequests(free: pendingConsumer, pendingProducer)
    let multicast = try multicast(Int(vif.multicastAddresses))
    slots.words = try words(count * 3)
    return TapTxSnapshot(
      isTorn: flags & 1 != 0, round: round, vif: vif, multicast: multicast, ring: ring,
      pending: pending,
      releases: min(releaseConsumer, releaseProducer)..<releaseProducer, remainingCredit: credit,
      creditBytes: creditBytes, creditMicroseconds: creditMicroseconds,
      isRateLimited: limited != 0, slots: slots)
  }

  /// The entries of the backend's table that are not on its ring of free ones.
  @_lifetime(self: copy self)
  private mutating func pendingRequests(
    free start: UInt32, _ end: UInt32
  ) throws(TapDecodingError) -> [TapPending] {
    var isFree = [Bool](repeating: false, count: 256)
    var ring: [UInt16] = []
    for _ in 0..<256 { ring.append(try next()) }
    for offset in 0..<min(end &- start, 256) {
      let index = Int(ring[Int((start &+ offset) & 255)])
      if index < 256 { isFree[index] = true }
    }
    let handles = try words(256)
    var pending: [TapPending] = []
    for index in 0..<256 {
      let request = try words(3)
      let extras: UInt32 = try next()
      if isFree[index] { continue }
      pending.append(
        TapPending(
          pendingIndex: UInt16(index), request: request, extras: extras,
          mapping: handles[index] == .max ? nil : handles[index]))
    }
    return pending
  }

  /// The first `count` of the entries that there is room for.
  @_lifetime(self: copy self)
  private mutating func multicast(_ count: Int) throws(TapDecodingError) -> [[UInt8]] {
    var addresses: [[UInt8]] = []
    for place in 0..<64 {
      let address = try octets(6)
      try skip(2)
      if place < count { addresses.append(address) }
    }
    return addresses
  }

  @_lifetime(self: copy self)
  mutating func rxSnapshot() throws(TapDecodingError) -> TapRxSnapshot {
    let ring = try ring()
    let frames: UInt32 = try next()
    let octets: UInt32 = try next()
    let stalled: UInt32 = try next()
    var (slots, count) = try span(wordsPerSlot: 2)
    let round: UInt32 = try next()
    slots.words = try words(count * 2)
    return TapRxSnapshot(
      round: round, ring: ring, queuedFrames: frames, queuedOctets: octets, isStalled: stalled != 0,
      slots: slots)
  }
}
