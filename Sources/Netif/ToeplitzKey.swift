import XenRing

/// The key of the Toeplitz hash: 40 octets, zeros behind what the guest gave.
public struct ToeplitzKey: Hashable, Sendable {
  /// Octets that a key has at most (Linux: `XEN_NETBK_MAX_HASH_KEY_SIZE`).
  public static var octetCount: Int { 40 }

  private var words: [5 of UInt64] = [0, 0, 0, 0, 0]

  /// A key of zeros.
  public init() {}

  /// Takes up to 40 octets; zeros stand for the missing ones.
  ///
  /// - Precondition: no more than `octetCount`.
  public init(_ octets: RawSpan) {
    for place in 0..<octets.byteCount {
      words[place / 8] |= UInt64(octets.octet(at: place)) << UInt64(56 - place % 8 * 8)
    }
  }

  /// Octet `place` of the key; 0 behind its end.
  public subscript(place: Int) -> UInt8 {
    place < Self.octetCount
      ? UInt8(truncatingIfNeeded: words[place / 8] >> UInt64(56 - place % 8 * 8)) : 0
  }

  /// The hash of `input`: for each bit that is set, from the first octet's highest on, the 32 bits
  /// of the key that begin at that bit's number, exclusive-ored.
  public func hash(_ input: RawSpan) -> UInt32 {
    var window = words[0]
    var hash: UInt32 = 0
    for place in 0..<input.byteCount {
      let octet = input.octet(at: place)
      for bit in 0..<8 where octet << UInt8(bit) & 0x80 != 0 {
        hash ^= UInt32(truncatingIfNeeded: window >> UInt64(32 - bit))
      }
      window = window << 8 | UInt64(self[place + 8])
    }
    return hash
  }

  /// Whether two keys have the same octets.
  public static func == (left: ToeplitzKey, right: ToeplitzKey) -> Bool {
    left.words.indices.allSatisfy { left.words[$0] == right.words[$0] }
  }

  /// See `Hashable`.
  public func hash(into hasher: inout Hasher) {
    for place in words.indices { hasher.combine(words[place]) }
  }
}
