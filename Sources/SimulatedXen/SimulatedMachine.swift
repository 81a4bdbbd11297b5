internal import Synchronization
public import XenInterface

/// A machine with domains, grant tables, event channels, a store and a clock, in one process.
///
/// The same seed gives the same run. Grant copies and event channels may be used by many threads at
/// once; the rest by one.
public final class SimulatedMachine {
  /// Frames of a grant table before Xen refuses to grow it.
  public static let defaultGrantFrames = 64

  /// Drives the workers of this machine.
  public let loop: SimulatedLoop
  /// Makes every grant copy of the machine take one lock, as Xen once did.
  public var copiesShareOneLock = false

  let ledger = Ledger()
  private let activity = Activity()
  private let pool = PagePool()
  private let fabric: EventFabric
  private let hub: StoreHub
  private let grantFrames: Int
  private var tables: [DomainID: GrantTable] = [:]
  private var retired: [DomainID: GrantTable] = [:]
  private var script: GrantScript?
  private let copyLock = Mutex(())

  /// Makes a machine with domain 0. `grantFrames` bounds each grant table, 512 entries a frame.
  public init(seed: UInt64, grantFrames: Int = SimulatedMachine.defaultGrantFrames) {
    self.grantFrames = grantFrames
    fabric = EventFabric(ledger: ledger, activity: activity)
    hub = StoreHub(seed: seed, ledger: ledger, activity: activity)
    loop = SimulatedLoop(seed: ~seed, activity: activity)
    addDomain(.control)
  }
}

// MARK: - Domains

extension SimulatedMachine {
  /// Makes a domain with its keys in the store; one that is there stays as it is.
  public func addDomain(_ domain: DomainID) {
    guard tables[domain] == nil else { return }
    tables[domain] =
      retired.removeValue(forKey: domain) ?? GrantTable(frameLimit: grantFrames, ledger: ledger)
    fabric.add(domain)
    let home = StorePath.home(of: domain)
    hub.write("\(domain.rawValue)", at: home + "/domid")
    hub.write("", at: home + "/device")
    hub.write("", at: home + "/data")
    hub.reportDomain("@introduceDomain")
  }

  /// One more view of `domain`, which is made when it is not there.
  public func connect(_ domain: DomainID) -> DomainInterface {
    addDomain(domain)
    let table = tables[domain] ?? GrantTable(frameLimit: grantFrames, ledger: ledger)
    return DomainInterface(
      domain: domain,
      grants: SimulatedGrantDevice(domain: domain, machine: self),
      allocator: SimulatedGrantAllocator(table: table, pool: pool),
      events: SimulatedEventChannels(domain: domain, fabric: fabric),
      store: SimulatedStore(domain: domain, hub: hub))
  }

  /// Ends a domain: its grants are refused, its ports close, its keys and watches go. What others
  /// have mapped of it stays until they unmap it.
  public func destroy(_ domain: DomainID) {
    guard let table = tables.removeValue(forKey: domain) else { return }
    table.revokeAll()
    fabric.remove(domain)
    hub.unwatchAll(of: domain)
    hub.remove(StorePath.home(of: domain))
    hub.reportDomain("@releaseDomain")
  }

  /// Makes the machine as it was after `init(seed:)`, without giving up its memory.
  ///
  /// What still holds a grant, a mapping or a port of before holds nothing any more, and no
  /// counter hears of its end.
  public func reset(seed: UInt64) {
    for table in tables.values { table.reset() }
    retired.merge(tables) { _, latest in latest }
    tables.removeAll(keepingCapacity: true)
    fabric.reset()
    hub.reset(seed: seed)
    ledger.note { $0 = WorldCounters() }
    loop.reset(seed: ~seed)
    script = nil
    copiesShareOneLock = false
    addDomain(.control)
  }
}

// MARK: - What tests ask and say

extension SimulatedMachine {
  /// What was done since the start or the last reset, and what is still held.
  public var counters: WorldCounters { ledger.counters }

  /// Replaces the lies that grant operations are to be answered with; counting starts at 0.
  public func tell(_ lies: [GrantLie]) { script = lies.isEmpty ? nil : GrantScript(lies) }
}

// MARK: - Grant devices

extension SimulatedMachine {
  func table(of domain: DomainID) -> GrantTable? { tables[domain] }

  /// Runs a batch of copies, alone when they share one lock.
  func runCopies(_ count: Int, _ body: () -> Void) {
    ledger.note {
      $0.copyCalls += 1
      $0.copyOperations += count
    }
    if copiesShareOneLock { copyLock.withLock { _ in body() } } else { body() }
  }

  /// What to answer to the next operation instead of doing it.
  func nextLie(_ operation: GrantLie.Operation) -> GrantLie.Answer? { script?.next(operation) }

  /// Counts operations that a lie ended.
  func skipLies(_ operation: GrantLie.Operation, _ count: Int) {
    script?.skip(count, operation)
  }
}
