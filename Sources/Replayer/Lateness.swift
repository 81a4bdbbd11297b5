/// How late events were against the moments at which they were due, in nanoseconds.
///
/// Counts stand in buckets that grow with the values: a percentile is too great by a 32nd at most.
public struct Lateness: Hashable, Sendable {
  /// Values below are counted one by one; above, each power of two has half as many buckets.
  private static let exact: UInt64 = 64
  private static let bucketsPerPower = Int(exact / 2)

  private var buckets: [UInt64]
  /// Events that were counted.
  public private(set) var count: UInt64 = 0
  /// The greatest value.
  public private(set) var max: UInt64 = 0

  /// Nothing yet.
  public init() {
    let powers = UInt64.bitWidth - Self.exact.trailingZeroBitCount
    buckets = Array(repeating: 0, count: Int(Self.exact) + powers * Self.bucketsPerPower)
  }

  /// Counts an event.
  public mutating func note(_ nanoseconds: UInt64) {
    buckets[Self.bucket(of: nanoseconds)] += 1
    count += 1
    max = Swift.max(max, nanoseconds)
  }

  /// What `percent` of the events were not later than; 0 without any.
  public func percentile(_ percent: Double) -> UInt64 {
    let rank = UInt64(exactly: (Double(count) * percent / 100).rounded(.up)) ?? count
    var seen: UInt64 = 0
    for (bucket, events) in buckets.enumerated() where events > 0 {
      seen += events
      if seen >= rank { return min(Self.last(of: bucket), max) }
    }
    return max
  }

  private static func bucket(of value: UInt64) -> Int {
    guard value >= exact else { return Int(value) }
    let power = UInt64.bitWidth - 1 - value.leadingZeroBitCount
    let place = Int(value >> UInt64(power - bucketsPerPower.trailingZeroBitCount))
    return Int(exact) + (power - exact.trailingZeroBitCount) * bucketsPerPower + place
      - bucketsPerPower
  }

  /// The greatest value of a bucket.
  private static func last(of bucket: Int) -> UInt64 {
    guard bucket >= exact else { return UInt64(bucket) }
    let (power, place) = (bucket - Int(exact)).quotientAndRemainder(dividingBy: bucketsPerPower)
    // The last bucket of all ends where the numbers do.
    return UInt64(bucketsPerPower + place + 1) &<< UInt64(power + 1) &- 1
  }
}
