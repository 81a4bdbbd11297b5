internal import Synchronization
internal import XenInterface

/// What grant devices need of the machine: every domain's table, and the lies to be told.
///
/// It knows neither the loop nor the workers, so that a worker may hold a device.
final class Hypervisor {
  let ledger: Ledger
  let pool: PagePool
  /// Makes every grant copy take the lock of the domain that asks for it.
  var copiesTakeDomainLock = false
  private let grantFrames: Int
  /// By the domain's number.
  private var tables: [GrantTable?] = []
  private var retired: [DomainID: GrantTable] = [:]
  private var script: GrantScript?
  private var domainLocks: [DomainID: DomainLock] = [:]

  init(grantFrames: Int, ledger: Ledger) {
    self.grantFrames = grantFrames
    self.ledger = ledger
    pool = PagePool(locks: ledger.locks)
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

  /// The lock of a domain, which stays its own as long as the machine is there.
  func lock(of domain: DomainID) -> DomainLock {
    if let lock = domainLocks[domain] { return lock }
    let lock = DomainLock(countedIn: ledger.locks)
    domainLocks[domain] = lock
    return lock
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
    copiesTakeDomainLock = false
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
}

/// What Xen once took for as long as a grant operation lasted: one spin lock for all processors of the
/// domain that asks.
final class DomainLock: Sendable {
  private let isHeld = Atomic<Bool>(false)
  private let count: LockCount

  init(countedIn count: LockCount) { self.count = count }

  func hold(_ body: () -> Void) {
    while isHeld.exchange(true, ordering: .acquiring) {
      while isHeld.load(ordering: .relaxed) {}
    }
    count.rise()
    body()
    isHeld.store(false, ordering: .releasing)
  }
}
