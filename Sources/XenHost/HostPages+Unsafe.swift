internal import CXen
internal import XenInterface
internal import XenRing

/// A run of pages at one address of this process.
class PageRun {
  /// Number of pages.
  final let count: Int
  private let whole: SharedPage
  private let isWritable: Bool

  fileprivate init(_ whole: consuming SharedPage, isWritable: Bool) {
    count = whole.byteCount / RingLayout.pageSize
    self.whole = whole
    self.isWritable = isWritable
  }

  /// One page, which keeps the run alive.
  ///
  /// - Precondition: `index` is below `count`.
  final func page(_ index: Int) -> SharedPage {
    let start = offset(of: index, 0, RingLayout.pageSize)
    // SAFETY: the page lies in the run, which the closure holds.
    return unsafe whole.withUnsafeAddress { base in
      unsafe SharedPage(adopting: base + start, byteCount: RingLayout.pageSize) { _, _ in
        withExtendedLifetime(self) {}
      }
    }
  }

  /// See `MappedPages`.
  final func copyOctets(page index: Int, at offset: Int, into target: inout MutableRawSpan) {
    whole.copyOctets(at: self.offset(of: index, offset, target.byteCount), into: &target)
  }

  /// See `MappedPages`.
  final func setOctets(_ octets: RawSpan, page index: Int, at offset: Int) {
    precondition(isWritable)
    whole.setOctets(octets, at: self.offset(of: index, offset, octets.byteCount))
  }

  private func offset(of index: Int, _ offset: Int, _ length: Int) -> Int {
    precondition(index >= 0 && index < count)
    precondition(offset >= 0 && length <= RingLayout.pageSize - offset)
    return index * RingLayout.pageSize + offset
  }
}

/// Pages that a grant device has mapped; it stays open as long as they are.
final class HostMapping: PageRun, MappedPages {
  init(
    _ base: UnsafeMutableRawPointer, count: Int, access: GrantAccess, device: HostGrantDevice
  ) {
    let byteCount = count * RingLayout.pageSize
    // SAFETY: `count` pages that the device has just mapped, unmapped once.
    let whole = unsafe SharedPage(adopting: base, byteCount: byteCount) { base, _ in
      _ = unsafe xengnttab_unmap(device.handle, base, UInt32(count))
    }
    super.init(whole, isWritable: access == .readWrite)
  }
}

/// Pages that an allocator has made and shared; it stays open as long as they are.
final class HostGrant: PageRun, GrantedPages {
  let grants: [GrantReference]

  init(
    _ base: UnsafeMutableRawPointer, grants: [GrantReference], allocator: HostGrantAllocator
  ) {
    self.grants = grants
    let byteCount = grants.count * RingLayout.pageSize
    // SAFETY: a page for each grant, just made by the allocator, given back once.
    let whole = unsafe SharedPage(adopting: base, byteCount: byteCount) { base, byteCount in
      let count = UInt32(byteCount / RingLayout.pageSize)
      _ = unsafe xengntshr_unshare(allocator.handle, base, count)
    }
    super.init(whole, isWritable: true)
  }

  func ringPage(_ index: Int) -> SharedPage { page(index) }
}
