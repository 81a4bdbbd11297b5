/// What a guest has set on its control ring for frames to come to one of its queues.
public struct ModelHash: Sendable {
  /// The number of the hash algorithm; 0 is none.
  public internal(set) var algorithm: UInt32 = 0
  /// What is hashed: a bit for each type.
  public internal(set) var types: UInt32 = 0
  /// The key.
  public internal(set) var key = [40 of UInt8](repeating: 0)
  /// A queue for each remainder of a hash; empty when the number of queues divides it.
  public internal(set) var mapping: [UInt32] = []

  /// Nothing is set any more.
  mutating func forget() {
    (algorithm, types) = (0, 0)
    key = [40 of UInt8](repeating: 0)
    mapping.removeAll(keepingCapacity: true)
  }

  /// Type and value of a frame's hash; `nil` for a frame of none of the types that are hashed.
  func hash(of frame: Span<UInt8>) -> (type: UInt8, value: UInt32)? {
    guard algorithm != 0, let flow = ModelFlow(frame) else { return nil }
    if types >> flow.withPorts & 1 != 0, flow.hasPorts {
      return (flow.withPorts, toeplitz(flow.octets.span.extracting(first: flow.addresses + 4)))
    }
    guard types >> flow.plain & 1 != 0 else { return nil }
    return (flow.plain, toeplitz(flow.octets.span.extracting(first: flow.addresses)))
  }

  /// The queue that a frame goes to.
  public func queue(of frame: Span<UInt8>, queues: Int) -> Int {
    let value = hash(of: frame)?.value ?? 0
    if mapping.isEmpty { return Int(value) % queues }
    return Int(mapping[Int(value) % mapping.count])
  }

  /// For each bit of the input that is set, the 32 bits of the key that begin at its number.
  private func toeplitz(_ input: Span<UInt8>) -> UInt32 {
    var hash: UInt32 = 0
    for bit in 0..<(8 * input.count) where input[bit / 8] >> (7 - bit % 8) & 1 != 0 {
      hash ^= keyBits(from: bit)
    }
    return hash
  }

  /// 32 bits of the key; behind its end there are zeros.
  private func keyBits(from bit: Int) -> UInt32 {
    var octets: UInt64 = 0
    for place in bit / 8..<bit / 8 + 5 {
      octets = octets << 8 | UInt64(place < key.count ? key[place] : 0)
    }
    return UInt32(truncatingIfNeeded: octets >> (8 - bit % 8))
  }
}
