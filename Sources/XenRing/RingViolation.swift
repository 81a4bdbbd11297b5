/// A producer index that no honest peer writes.
public enum RingViolation: Error, Hashable, Sendable {
  /// The producer is `distance` ahead of where it may be at most `limit` ahead.
  case producerTooFar(distance: UInt32, limit: UInt32)
}
