internal import Synchronization

/// How often locks were taken that the work of several domains, or of one domain's workers, meets at.
final class LockCount: Sendable {
  private let count = Atomic<UInt64>(0)
  var value: UInt64 { count.load(ordering: .relaxed) }
  func rise() { count.add(1, ordering: .relaxed) }
  func reset() { count.store(0, ordering: .relaxed) }
}

/// A lock that is counted whenever it is taken.
struct SharedLock<Value: Sendable>: ~Copyable, Sendable {
  private let mutex: Mutex<Value>
  private let count: LockCount

  init(_ value: Value, countedIn count: LockCount) {
    mutex = Mutex(value)
    self.count = count
  }

  func withLock<Result: Sendable>(_ body: (inout Value) -> Result) -> Result {
    mutex.withLock { value in
      count.rise()
      return body(&value)
    }
  }

  /// Looks at the value for whoever reads counters, and is not counted.
  func peek<Result: Sendable>(_ body: (Value) -> Result) -> Result {
    mutex.withLock { body($0) }
  }
}
