/// A free-running ring counter. It wraps at 2³², so it has distances but no order.
public struct RingIndex: RawRepresentable, Hashable, Sendable, BitwiseCopyable {
  /// The 32-bit value as it stands in the shared page, never masked.
  public var rawValue: UInt32

  /// Takes an index as it stands in a shared page or a trace.
  @inlinable public init(rawValue: UInt32) { self.rawValue = rawValue }

  /// How far this index is ahead of `earlier`, modulo 2³².
  @inlinable public func distance(from earlier: RingIndex) -> UInt32 {
    rawValue &- earlier.rawValue
  }

  /// Whether this index comes before `other`, by less than half of all indices.
  @inlinable public func isBehind(_ other: RingIndex) -> Bool {
    let distance = other.distance(from: self)
    return distance > 0 && distance <= UInt32.max / 2
  }

  /// The index `count` further on, modulo 2³².
  @inlinable public func advanced(by count: UInt32) -> RingIndex {
    RingIndex(rawValue: rawValue &+ count)
  }

  /// Moves on by `count`, modulo 2³².
  @inlinable public mutating func advance(by count: UInt32 = 1) { rawValue &+= count }
}
