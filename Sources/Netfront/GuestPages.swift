public import XenInterface
import XenRing

/// Pages of the guest that the backend may reach, and which of them are in use.
public final class GuestPages {
  private let pages: any GrantedPages
  private var free: [Int]
  /// The reference under which the backend reaches each page.
  public let grants: [GrantReference]
  /// Number of pages.
  public var count: Int { grants.count }

  init(
    _ count: Int, with backend: DomainID, access: GrantAccess, allocator: any GrantAllocator
  ) throws(GrantError) {
    pages = try allocator.share(count, with: backend, access: access)
    grants = pages.grants
    free = Array((0..<count).reversed())
  }

  /// Pages that nobody has taken.
  public var available: Int { free.count }

  /// Takes a page out of the pool; `nil` when none is left.
  public func take() -> Int? { free.popLast() }

  /// Gives a taken page back.
  public func giveBack(_ page: Int) { free.append(page) }

  /// The reference under which the backend reaches a page.
  public func grant(of page: Int) -> GrantReference { grants[page] }

  /// Writes octets into a page.
  ///
  /// - Precondition: the range lies in the page.
  public func setOctets(_ octets: RawSpan, page: Int, at offset: Int) {
    pages.setOctets(octets, page: page, at: offset)
  }

  /// Reads octets of a page.
  ///
  /// - Precondition: the range lies in the page.
  public func copyOctets(page: Int, at offset: Int, into target: inout MutableRawSpan) {
    pages.copyOctets(page: page, at: offset, into: &target)
  }

  /// Appends octets of a page to `target`.
  ///
  /// - Precondition: the range lies in the page.
  public func append(page: Int, _ range: Range<Int>, to target: inout [UInt8]) {
    var copy = [UInt8](repeating: 0, count: range.count)
    var storage = copy.mutableSpan
    var octets = storage.octets
    copyOctets(page: page, at: range.lowerBound, into: &octets)
    target.append(contentsOf: copy)
  }
}
