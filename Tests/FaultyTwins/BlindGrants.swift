import XenInterface
import XenRing

/// Does not look at whether pages could be mapped, and goes on with them.
final class BlindGrants: GrantDeviceLayer {
  let base: any GrantDevice

  init(_ base: any GrantDevice) { self.base = base }

  func map(
    _ grants: Span<GrantReference>, of domain: DomainID, access: GrantAccess
  ) throws(GrantError) -> any MappedPages {
    do throws(GrantError) { return try base.map(grants, of: domain, access: access) } catch {
      return UnmappedPages(count: grants.count)
    }
  }
}

/// Pages that nobody has mapped: who reads them has what was there before.
final class UnmappedPages: MappedPages {
  let count: Int

  init(count: Int) { self.count = count }

  func copyOctets(page index: Int, at offset: Int, into target: inout MutableRawSpan) {}
  func setOctets(_ octets: RawSpan, page index: Int, at offset: Int) {}
  func page(_ index: Int) -> SharedPage { SharedPage(zeroed: RingLayout.pageSize) }
}
