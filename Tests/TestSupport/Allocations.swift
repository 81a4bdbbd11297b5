import CAllocationCount

/// Pieces of memory that were asked for.
public enum Allocations {
  /// Whether they tell something: a build for debugging takes memory where an optimized one does not, and so
  /// does the testing library when an error is thrown, unless `SWT_SWIFT_ERROR_BACKTRACING_ENABLED` is 0.
  public static var areTelling: Bool {
    #if DEBUG
      false
    #else
      allocation_count_works()
    #endif
  }

  /// Those of the calling thread.
  public static var ofThisThread: UInt64 { allocation_count() }
}
