import XenInterface
import XenRing

/// How many pages are mapped, each as often as it is.
final class PlayedBalance { var mapped = 0 }

/// Pages of the guest's that are mapped together: whoever reads or writes them does so in the guest's own.
final class PlayedMapping: MappedPages {
  private let pages: PlayedPages
  private let numbers: [Int]
  private let balance: PlayedBalance

  init(of pages: PlayedPages, _ numbers: [Int], _ balance: PlayedBalance) {
    self.pages = pages
    self.numbers = numbers
    self.balance = balance
    balance.mapped += numbers.count
  }

  deinit { balance.mapped -= numbers.count }

  var count: Int { numbers.count }

  func copyOctets(page index: Int, at offset: Int, into target: inout MutableRawSpan) {
    let octets = pages.octets[numbers[index]]
    target.setOctets(
      octets.span.octets.extracting(offset..<offset + target.byteCount), at: 0)
  }

  func setOctets(_ octets: RawSpan, page index: Int, at offset: Int) {
    pages.put(octets, in: numbers[index], at: offset)
  }

  /// Page `index` as it is now: what the guest writes later does not show in it.
  func page(_ index: Int) -> SharedPage {
    // SAFETY: a whole page of our own, filled below, and given back once, by the closure, which keeps the pages
    // mapped until then.
    let base = UnsafeMutableRawPointer.allocate(
      byteCount: RingLayout.pageSize, alignment: RingLayout.pageSize)
    let page = unsafe SharedPage(adopting: base, byteCount: RingLayout.pageSize) { base, _ in
      withExtendedLifetime(self) { unsafe base.deallocate() }
    }
    let octets = pages.octets[numbers[index]]
    page.setOctets(octets.span.octets, at: 0)
    return page
  }
}
