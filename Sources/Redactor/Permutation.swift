/// A keyed permutation of the numbers of some width: none of them meets another's image.
///
/// A Feistel network of ten rounds, as many as FF1 of NIST SP 800-38G has, around SipHash.
struct Permutation: Sendable {
  private static let rounds: UInt64 = 10

  private let start: SipHash
  private let half: UInt64

  /// Permutes numbers of twice `half` bits; `half` is at most 64.
  init(_ start: SipHash, half: UInt64) {
    self.start = start
    self.half = half
  }

  /// The image of a number in two halves.
  func callAsFunction(_ high: UInt64, _ low: UInt64) -> (high: UInt64, low: UInt64) {
    var (left, right) = (high, low)
    for round in 0..<Self.rounds {
      var hash = start
      hash.absorb(round)
      hash.absorb(right)
      (left, right) = (right, (left ^ hash.value()) & UInt64.max >> (64 - half))
    }
    return (left, right)
  }

  /// The image of a number of 64 bits at most.
  func callAsFunction(_ number: UInt64) -> UInt64 {
    let image = self(number >> half, number & UInt64.max >> (64 - half))
    return image.high << half | image.low
  }
}
