internal import XenInterface
internal import XenRing

/// Pages that a simulated domain has mapped together.
final class SimulatedMapping: MappedPages {
  private let table: GrantTable
  private let ledger: Ledger
  /// The first page, and those behind it: most mappings have one.
  private let first: GrantPin?
  private let others: [GrantPin]

  /// Takes pins over, and counts the call that made them.
  init(of table: GrantTable, ledger: Ledger, first: GrantPin?, others: [GrantPin]) {
    self.table = table
    self.ledger = ledger
    self.first = first
    self.others = others
    ledger.maps.countMap(first == nil ? 0 : 1 + others.count)
  }

  deinit {
    guard let first else { return }
    var known = table.unpin(first) ? 1 : 0
    for pin in others where table.unpin(pin) { known += 1 }
    if known > 0 { ledger.maps.countUnmap(known) }
  }

  var count: Int { first == nil ? 0 : 1 + others.count }

  private func pin(_ index: Int) -> GrantPin {
    if index == 0, let first { first } else { others[index - 1] }
  }

  func copyOctets(page index: Int, at offset: Int, into target: inout MutableRawSpan) {
    pin(index).frame.memory.copyOctets(at: offset, into: &target)
  }

  func setOctets(_ octets: RawSpan, page index: Int, at offset: Int) {
    precondition(pin(index).access == .readWrite)
    pin(index).frame.memory.setOctets(octets, at: offset)
  }

  func page(_ index: Int) -> SharedPage { pin(index).frame.view(heldBy: self) }
}
