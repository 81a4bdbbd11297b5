public import XenRing

/// Zeroed memory that two ring halves see at once, as a shared page is seen by two domains.
@safe public final class TwinPages: Sendable {
  // SAFETY: allocated here, freed in `deinit`, which every page handed out holds back.
  private nonisolated(unsafe) let base: UnsafeMutableRawPointer
  private let byteCount: Int

  /// Makes the memory.
  public init(byteCount: Int = RingLayout.pageSize) {
    self.byteCount = byteCount
    unsafe base = .allocate(byteCount: byteCount, alignment: 4096)
    unsafe base.initializeMemory(as: UInt8.self, repeating: 0, count: byteCount)
  }

  deinit { unsafe base.deallocate() }

  /// One view of the memory; it keeps it alive.
  public func view() -> SharedPage {
    // SAFETY: the closure holds `self`, so the memory outlives the page.
    unsafe SharedPage(adopting: base, byteCount: byteCount) { _, _ in
      withExtendedLifetime(self) {}
    }
  }
}
