public import XenInterface

/// A machine with domains, grant tables, event channels, a store and a clock, in one process.
///
/// The same seed gives the same run. Grant copies and event channels may be used by many threads at
/// once; the rest by one.
public final class SimulatedMachine {
  /// Frames of a grant table before Xen refuses to grow it.
  public static let defaultGrantFrames = 64

  /// Drives the workers of this machine, and holds them until they are removed.
  public let loop: SimulatedLoop
  private let ledger = Ledger()
  private let hypervisor: Hypervisor
  private let fabric: EventFabric
  private let hub: StoreHub

  /// Makes a machine with domain 0. `grantFrames` bounds each grant table, 512 entries a frame.
  public init(seed: UInt64, grantFrames: Int = SimulatedMachine.defaultGrantFrames) {
    let activity = Activity()
    hypervisor = Hypervisor(grantFrames: grantFrames, ledger: ledger)
    fabric = EventFabric(ledger: ledger, activity: activity)
    hub = StoreHub(seed: seed, ledger: ledger, activity: activity)
    loop = SimulatedLoop(seed: ~seed, activity: activity)
    addDomain(.control)
  }

  /// Makes a domain with its keys in the store; one that is there stays as it is.
  public func addDomain(_ domain: DomainID) {
    guard hypervisor.table(of: domain) == nil else { return }
    _ = hypervisor.makeTable(of: domain)
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
    return DomainInterface(
      domain: domain,
      grants: SimulatedGrantDevice(domain: domain, hypervisor: hypervisor),
      allocator: SimulatedGrantAllocator(
        table: hypervisor.makeTable(of: domain), pool: hypervisor.pool),
      events: SimulatedEventChannels(domain: domain, fabric: fabric),
      store: SimulatedStore(domain: domain, hub: hub))
  }

  /// Ends a domain: its grants are refused, its ports close, its keys and watches go. What others
  /// have mapped of it stays until they unmap it.
  public func destroy(_ domain: DomainID) {
    guard hypervisor.table(of: domain) != nil else { return }
    hypervisor.remove(domain)
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
    hypervisor.reset()
    fabric.reset()
    hub.reset(seed: seed)
    ledger.reset()
    loop.reset(seed: ~seed)
    addDomain(.control)
  }

  /// What was done since the start or the last reset, and what is still held.
  public var counters: WorldCounters { ledger.counters }

  /// Replaces the lies that grant operations are to be answered with; counting starts at 0.
  public func tell(_ lies: [GrantLie]) { hypervisor.tell(lies) }

  /// Makes every batch of grant copies take the lock of the domain that asks for it, as Xen once did:
  /// all workers of one backend domain wait for each other there.
  public var copiesTakeDomainLock: Bool {
    get { hypervisor.copiesTakeDomainLock }
    set { hypervisor.copiesTakeDomainLock = newValue }
  }
}
