import CAllocationCount

/// Pieces of memory that were asked for.
public enum Allocations {
  /// Whether they tell something: a build for debugging takes memory where an optimized one does not.
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
