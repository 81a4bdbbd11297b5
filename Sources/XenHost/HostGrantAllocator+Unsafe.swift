internal import CXen
internal import Glibc
internal import XenInterface

/// `/dev/xen/gntalloc` through libxengnttab.
@safe final class HostGrantAllocator: GrantAllocator {
  static let path = "/dev/xen/gntalloc"

  // SAFETY: opened in `init`, closed in `deinit`; what it shares holds it.
  let handle: OpaquePointer

  init() throws(HostError) {
    guard let handle = unsafe xengntshr_open(xen_quiet_logger(), 0) else {
      throw .unavailable(device: Self.path, code: errno)
    }
    unsafe self.handle = handle
  }

  deinit { _ = unsafe xengntshr_close(handle) }

  func share(
    _ count: Int, with domain: DomainID, access: GrantAccess
  ) throws(GrantError) -> any GrantedPages {
    // The call takes 16 bits of count.
    guard count > 0, count <= UInt16.max else { throw .exhausted }
    var references = [UInt32](repeating: 0, count: count)
    let base = unsafe xengntshr_share_pages(
      handle, UInt32(domain.rawValue), Int32(count), &references, access == .readWrite ? 1 : 0)
    let code = errno
    guard let base = unsafe base else { throw code == ENOSPC ? .exhausted : .system(code) }
    let grants = references.map(GrantReference.init(rawValue:))
    return unsafe HostGrant(base, grants: grants, allocator: self)
  }
}
