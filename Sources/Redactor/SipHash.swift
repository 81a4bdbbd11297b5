/// SipHash-2-4 of Aumasson and Bernstein: a function of a key and octets, of whose values nobody who
/// lacks the key can tell anything. Octets are taken eight at a time, as words, the lowest first.
package struct SipHash: Sendable {
  /// The key's 128 bits.
  package struct Key: Hashable, Sendable {
    var low: UInt64
    var high: UInt64

    /// Takes two words.
    package init(low: UInt64, high: UInt64) {
      self.low = low
      self.high = high
    }
  }

  private var v0: UInt64
  private var v1: UInt64
  private var v2: UInt64
  private var v3: UInt64
  private var count: UInt64 = 0

  /// Has taken nothing yet.
  package init(_ key: Key) {
    v0 = key.low ^ 0x736f_6d65_7073_6575
    v1 = key.high ^ 0x646f_7261_6e64_6f6d
    v2 = key.low ^ 0x6c79_6765_6e65_7261
    v3 = key.high ^ 0x7465_6462_7974_6573
  }

  /// Takes eight octets.
  package mutating func absorb(_ word: UInt64) {
    count &+= 8
    compress(word)
  }

  /// Takes a whole number of words and gives the value of all, with up to seven octets behind them.
  package static func value(of octets: [UInt8], _ key: Key) -> UInt64 {
    var hash = SipHash(key)
    let whole = octets.count / 8 * 8
    for place in stride(from: 0, to: whole, by: 8) {
      hash.absorb(octets.littleEndianWord(place..<(place + 8)))
    }
    let rest = whole..<octets.count
    return hash.value(behind: octets.littleEndianWord(rest), count: UInt64(rest.count))
  }

  /// The value of what was taken so far, with up to seven octets more, which are not kept.
  package func value(behind rest: UInt64 = 0, count more: UInt64 = 0) -> UInt64 {
    var last = self
    last.compress((count &+ more) << 56 | rest)
    last.v2 ^= 0xff
    for _ in 0..<4 { last.round() }
    return last.v0 ^ last.v1 ^ last.v2 ^ last.v3
  }

  private mutating func compress(_ word: UInt64) {
    v3 ^= word
    round()
    round()
    v0 ^= word
  }

  private mutating func round() {
    v0 &+= v1
    v1 = v1.rotated(by: 13) ^ v0
    v0 = v0.rotated(by: 32)
    v2 &+= v3
    v3 = v3.rotated(by: 16) ^ v2
    v0 &+= v3
    v3 = v3.rotated(by: 21) ^ v0
    v2 &+= v1
    v1 = v1.rotated(by: 17) ^ v2
    v2 = v2.rotated(by: 32)
  }
}

extension UInt64 {
  fileprivate func rotated(by bits: UInt64) -> UInt64 { self << bits | self >> (64 - bits) }
}

extension [UInt8] {
  /// Up to eight octets as a word, the lowest first.
  func littleEndianWord(_ range: Range<Int>) -> UInt64 {
    range.reversed().reduce(0) { $0 << 8 | UInt64(self[$1]) }
  }

  /// Up to eight octets as a number, the highest first.
  func number(_ range: Range<Int>) -> UInt64 { range.reduce(0) { $0 << 8 | UInt64(self[$1]) } }

  /// Writes a number, the highest octet first.
  mutating func set(_ number: UInt64, _ range: Range<Int>) {
    for (step, place) in range.reversed().enumerated() {
      self[place] = UInt8(truncatingIfNeeded: number >> UInt64(8 * step))
    }
  }
}
