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

/// The counters as they run, from any thread; touched once a call, never once an operation.
final class Ledger: Sendable {
  private let state = Mutex(WorldCounters())

  /// The counters as they stand.
  var counters: WorldCounters { state.withLock { $0 } }

  /// Changes some of them at once.
  func note(_ change: (inout WorldCounters) -> Void) { state.withLock { change(&$0) } }
}
