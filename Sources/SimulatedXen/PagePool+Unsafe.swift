internal import XenRing

/// Page-sized memory that is used again and again, so a reset world asks the system for none.
@safe final class PagePool: Sendable {
  // SAFETY: an address is in `free` or held by one `Frame`, never both; only the holder reaches it.
  @safe private struct Address: @unchecked Sendable { let base: UnsafeMutableRawPointer }
  private let free: SharedLock<[Address]>

  init(locks: LockCount) { free = SharedLock([], countedIn: locks) }

  /// Takes a zeroed page. It comes back when the last holder of the frame lets go.
  func take() -> Frame {
    let address = free.withLock { $0.popLast() } ?? Self.allocate()
    unsafe address.base.initializeMemory(as: UInt8.self, repeating: 0, count: RingLayout.pageSize)
    return unsafe Frame(base: address.base, pool: self)
  }

  private static func allocate() -> Address {
    unsafe Address(base: .allocate(byteCount: RingLayout.pageSize, alignment: RingLayout.pageSize))
  }

  fileprivate func give(_ base: UnsafeMutableRawPointer) {
    let address = unsafe Address(base: base)
    free.withLock { $0.append(address) }
  }

  deinit { free.withLock { for address in $0 { unsafe address.base.deallocate() } } }
}

/// One page of a simulated domain. Grants and mappings hold it; the last one gives it back.
final class Frame: Sendable {
  /// The page itself.
  let memory: SharedPage

  fileprivate init(base: UnsafeMutableRawPointer, pool: PagePool) {
    // SAFETY: a whole page, ours alone until the closure gives it back.
    unsafe memory = SharedPage(adopting: base, byteCount: RingLayout.pageSize) { base, _ in
      unsafe pool.give(base)
    }
  }

  /// The page for one more reader; it holds `owner`, which holds this frame.
  func view(heldBy owner: AnyObject) -> SharedPage {
    // SAFETY: the closure keeps the frame's holder, so the memory outlives the view.
    unsafe memory.withUnsafeAddress { base in
      unsafe SharedPage(adopting: base, byteCount: RingLayout.pageSize) { _, _ in
        withExtendedLifetime(owner) {}
      }
    }
  }
}
