internal import Synchronization
internal import XenInterface

/// What grant devices need of the machine: every domain's table, and the lies to be told.
///
/// It knows neither the loop nor the workers, so that a worker may hold a device.
final class Hypervisor {
  let ledger: Ledger
  let pool = PagePool()
  /// Makes every grant copy take one lock.
  var copiesShareOneLock = false
  private let grantFrames: Int
  /// By the domain's number.
  private var tables: [GrantTable?] = []
  private var retired: [DomainID: GrantTable] = [:]
  private var script: GrantScript?
  private let copyLock = Mutex(())

  init(grantFrames: Int, ledger: Ledger) {
    self.grantFrames = grantFrames
    self.ledger = ledger
  }

  /// The grant table of a domain that is there.
  func table(of domain: DomainID) -> GrantTable? {
    let place = Int(domain.rawValue)
    return place < tables.count ? tables[place] : nil
  }

  /// The grant table of a domain, which is there from now on.
  func makeTable(of domain: DomainID) -> GrantTable {
    if let table = table(of: domain) { return table }
    let table =
      retired.removeValue(forKey: domain) ?? GrantTable(frameLimit: grantFrames, ledger: ledger)
    while tables.count <= Int(domain.rawValue) { tables.append(nil) }
    tables[Int(domain.rawValue)] = table
    return table
  }

  /// Takes a domain's grants away; what is mapped stays.
  func remove(_ domain: DomainID) {
    guard let table = table(of: domain) else { return }
    tables[Int(domain.rawValue)] = nil
    table.revokeAll()
  }

  /// Forgets every domain and every lie, and keeps the tables' memory for those to come.
  func reset() {
    for (place, table) in tables.enumerated() {
      guard let table else { continue }
      table.reset()
      retired[DomainID(rawValue: UInt16(place))] = table
    }
    tables.removeAll(keepingCapacity: true)
    script = nil
    copiesShareOneLock = false
  }

  /// Replaces the lies; counting starts at 0.
  func tell(_ lies: [GrantLie]) { script = lies.isEmpty ? nil : GrantScript(lies) }

  /// Whether some operations are to be lied about.
  var isLying: Bool { script != nil }

  /// What to answer to the next operation instead of doing it.
  func nextLie(_ operation: GrantLie.Operation) -> GrantLie.Answer? { script?.next(operation) }

  /// Counts operations that a lie ended.
  func skipLies(_ operation: GrantLie.Operation, _ count: Int) {
    script?.skip(count, operation)
  }

  /// Runs a batch of copies, alone when they share one lock.
  func runCopies(_ count: Int, _ body: () -> Void) {
    ledger.note {
      $0.copyCalls += 1
      $0.copyOperations += count
    }
    if copiesShareOneLock { copyLock.withLock { _ in body() } } else { body() }
  }
}
