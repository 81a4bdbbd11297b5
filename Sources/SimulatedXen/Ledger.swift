internal import Synchronization

/// What a simulated world has done, and what is still held, so that a test can see a leak.
public struct WorldCounters: Hashable, Sendable {
  /// Batches of grant copies.
  public var copyCalls = 0
  /// Single grant copies.
  public var copyOperations = 0
  /// Calls that map.
  public var mapCalls = 0
  /// Pages mapped by them.
  public var mapOperations = 0
  /// Calls that unmap.
  public var unmapCalls = 0
  /// Pages unmapped by them.
  public var unmapOperations = 0
  /// Events sent.
  public var notifications = 0
  /// Times that a lock was taken which others might have held.
  public var sharedLocks = 0
  /// Pages that are still mapped.
  public var mappedPages = 0
  /// Pages that are still granted, or revoked but still mapped.
  public var grantedPages = 0
  /// Ports that are still open.
  public var openPorts = 0
  /// Watches that are still set.
  public var watches = 0

  /// Whether nothing is held any more.
  public var holdNothing: Bool {
    mappedPages == 0 && grantedPages == 0 && openPorts == 0 && watches == 0
  }
}

/// The counters as they run, from any thread. What happens once a batch of packets is counted in
/// tallies; the rest here, under a lock.
final class Ledger: Sendable {
  private struct State {
    var counters = WorldCounters()
    var tallies: [ObjectIdentifier: Tally] = [:]
  }

  /// Counts the locks of this world.
  let locks = LockCount()
  /// Counts what is mapped.
  let maps = MapCount()
  private let state: SharedLock<State>

  init() { state = SharedLock(State(), countedIn: locks) }

  /// The counters as they stand.
  var counters: WorldCounters {
    state.peek { state in
      var counters = state.counters
      for tally in state.tallies.values { tally.add(to: &counters) }
      maps.add(to: &counters)
      counters.sharedLocks = Int(clamping: locks.value)
      return counters
    }
  }

  /// Changes some of them at once.
  func note(_ change: (inout WorldCounters) -> Void) {
    state.withLock { change(&$0.counters) }
  }

  /// One more place to count in.
  func makeTally() -> Tally {
    let tally = Tally()
    state.withLock { $0.tallies[ObjectIdentifier(tally)] = tally }
    return tally
  }

  /// Takes over what was counted in a tally that nobody uses any more.
  func close(_ tally: Tally) {
    state.withLock { state in
      guard state.tallies.removeValue(forKey: ObjectIdentifier(tally)) != nil else { return }
      tally.add(to: &state.counters)
    }
  }

  /// Forgets all that was counted.
  func reset() {
    state.withLock { state in
      state.counters = WorldCounters()
      for tally in state.tallies.values { tally.reset() }
    }
    maps.reset()
    locks.reset()
  }
}

/// Calls that map and unmap, and their pages. A mapping outlives the interface that made it, so all count
/// here.
final class MapCount: Sendable {
  private let mapCalls = Atomic<Int>(0)
  private let mapOperations = Atomic<Int>(0)
  private let unmapCalls = Atomic<Int>(0)
  private let unmapOperations = Atomic<Int>(0)

  func countMap(_ pages: Int) {
    mapCalls.add(1, ordering: .relaxed)
    mapOperations.add(pages, ordering: .relaxed)
  }

  func countUnmap(_ pages: Int) {
    unmapCalls.add(1, ordering: .relaxed)
    unmapOperations.add(pages, ordering: .relaxed)
  }

  fileprivate func add(to counters: inout WorldCounters) {
    counters.unmapCalls += unmapCalls.load(ordering: .relaxed)
    counters.unmapOperations += unmapOperations.load(ordering: .relaxed)
    counters.mapCalls += mapCalls.load(ordering: .relaxed)
    counters.mapOperations += mapOperations.load(ordering: .relaxed)
    counters.mappedPages = counters.mapOperations - counters.unmapOperations
  }

  fileprivate func reset() {
    mapCalls.store(0, ordering: .relaxed)
    mapOperations.store(0, ordering: .relaxed)
    unmapCalls.store(0, ordering: .relaxed)
    unmapOperations.store(0, ordering: .relaxed)
  }
}

/// What one interface of a domain has done: counted by whoever uses it, and by nobody else, so that
/// two workers share neither a lock nor a counter.
final class Tally: Sendable {
  private let copyCalls = Atomic<Int>(0)
  private let copyOperations = Atomic<Int>(0)
  private let notifications = Atomic<Int>(0)

  func countCopies(_ operations: Int) {
    copyCalls.add(1, ordering: .relaxed)
    copyOperations.add(operations, ordering: .relaxed)
  }

  func countNotification() { notifications.add(1, ordering: .relaxed) }

  fileprivate func add(to counters: inout WorldCounters) {
    counters.copyCalls += copyCalls.load(ordering: .relaxed)
    counters.copyOperations += copyOperations.load(ordering: .relaxed)
    counters.notifications += notifications.load(ordering: .relaxed)
  }

  fileprivate func reset() {
    copyCalls.store(0, ordering: .relaxed)
    copyOperations.store(0, ordering: .relaxed)
    notifications.store(0, ordering: .relaxed)
  }
}
