internal import XenInterface
internal import XenRing

/// Pages that a simulated domain has mapped together.
final class SimulatedMapping: MappedPages {
  private let table: GrantTable
  private let ledger: Ledger
  private var pins: [GrantPin] = []

  init(of table: GrantTable, ledger: Ledger, capacity: Int) {
    self.table = table
    self.ledger = ledger
    pins.reserveCapacity(capacity)
  }

  deinit {
    guard !pins.isEmpty else { return }
    let known = pins.count { table.unpin($0) }
    guard known > 0 else { return }
    ledger.note {
      $0.unmapCalls += 1
      $0.unmapOperations += known
      $0.mappedPages -= known
    }
  }

  /// Takes over the pin of the next page.
  func add(_ pin: GrantPin) { pins.append(pin) }

  /// Counts the call that made this mapping, and the pages that it pinned.
  func countCall() {
    ledger.note {
      $0.mapCalls += 1
      $0.mapOperations += pins.count
      $0.mappedPages += pins.count
    }
  }

  var count: Int { pins.count }

  func copyOctets(page index: Int, at offset: Int, into target: inout MutableRawSpan) {
    pins[index].frame.memory.copyOctets(at: offset, into: &target)
  }

  func setOctets(_ octets: RawSpan, page index: Int, at offset: Int) {
    precondition(pins[index].access == .readWrite)
    pins[index].frame.memory.setOctets(octets, at: offset)
  }

  func page(_ index: Int) -> SharedPage { pins[index].frame.view(heldBy: self) }
}
