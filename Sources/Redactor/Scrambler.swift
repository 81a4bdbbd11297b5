/// Replaces what one key says it is to be replaced by.
struct Scrambler: Sendable {
  let addresses: AddressScrambler
  private let payload: SipHash
  private let hashes: SipHash

  init(_ key: ScrambleKey) {
    addresses = AddressScrambler(key)
    payload = key.function(for: .payload)
    hashes = key.function(for: .flowHash)
  }

  /// Replaces a run of payload, eight octets at a time, each by a function of all before them in the run:
  /// the beginning of a run becomes the beginning of what the whole becomes, and what stands in place of
  /// some octets says nothing of these, only whether those before were the same.
  func replace(payload range: Range<Int>, of octets: inout [UInt8]) {
    var hash = payload
    for start in stride(from: range.lowerBound, to: range.upperBound, by: 8) {
      let end = min(start + 8, range.upperBound)
      let word = octets.littleEndianWord(start..<end)
      let value = hash.value()
      for place in start..<end {
        octets[place] = UInt8(truncatingIfNeeded: value >> UInt64(8 * (place - start)))
      }
      hash.absorb(word)
    }
  }

  /// What stands in place of a flow hash that cannot be computed.
  func flowHash(_ value: UInt32) -> UInt32 {
    var hash = hashes
    hash.absorb(UInt64(value))
    return UInt32(truncatingIfNeeded: hash.value())
  }
}
