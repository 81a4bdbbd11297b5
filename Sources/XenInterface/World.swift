/// All that one domain sees of Xen. Two of them may be of the same domain.
public struct DomainInterface {
  /// The domain that sees it.
  public let domain: DomainID
  /// Copies and mappings of pages that others granted.
  public let grants: any GrantDevice
  /// Pages of its own that others may reach.
  public let allocator: any GrantAllocator
  /// Its event channels; only ports made through this interface report here.
  public let events: any EventChannels
  /// Its connection to the store; only watches made through it report here.
  public let store: any Store

  /// Bundles the five.
  public init(
    domain: DomainID, grants: any GrantDevice, allocator: any GrantAllocator,
    events: any EventChannels, store: any Store
  ) {
    self.domain = domain
    self.grants = grants
    self.allocator = allocator
    self.events = events
    self.store = store
  }
}

/// Something that does a bounded piece of work when it is called.
public protocol Worker: AnyObject {
  /// Does what there is to do and says when it wants to be called again; `nil`: on an event only.
  ///
  /// It may be called early and without reason: an event wakes every worker of its loop. An
  /// answer of `now` or earlier means that more work is waiting.
  func step(now: MonotonicInstant) -> MonotonicInstant?
}

/// Calls workers when something has happened or their time has come.
public protocol WorldLoop: AnyObject {
  /// The time as workers see it.
  var now: MonotonicInstant { get }
  /// Starts to call `worker`, the first time as soon as the loop runs.
  func add(_ worker: any Worker)
  /// Stops to call `worker`.
  func remove(_ worker: any Worker)
  /// Calls the workers until `done` holds or `deadline` has passed; says whether `done` holds.
  ///
  /// `done` is asked before the first call and after every round.
  func run(until deadline: MonotonicInstant, unless done: () -> Bool) -> Bool
}

extension WorldLoop {
  /// Calls a worker as soon as the loop runs: there is work for it that the loop cannot see.
  public func wake(_ worker: any Worker) {
    remove(worker)
    add(worker)
  }
}
