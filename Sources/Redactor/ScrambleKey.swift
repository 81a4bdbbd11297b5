/// A key by which addresses and payload are replaced: the same key replaces the same by the same, in
/// every trace.
public struct ScrambleKey: Hashable, Sendable {
  private let key: SipHash.Key

  /// Makes a key of a text. One that can be guessed protects nothing.
  public init(_ text: String) {
    let octets = Array(text.utf8)
    key = SipHash.Key(
      low: SipHash.value(of: octets, SipHash.Key(low: 0, high: 0)),
      high: SipHash.value(of: octets, SipHash.Key(low: 1, high: 0)))
  }

  /// What a function is for: those for different things have nothing in common.
  enum Purpose: UInt64 {
    case payload = 1, mac, ipv4, ipv4Group, ipv6, ipv6Tail, flowHash
  }

  /// A function for one purpose.
  func function(for purpose: Purpose) -> SipHash {
    var hash = SipHash(key)
    hash.absorb(purpose.rawValue)
    return hash
  }
}
