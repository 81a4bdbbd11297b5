internal import XenInterface

/// The store of a simulated world. One thread uses it at a time.
final class StoreHub {
  /// Changes that one connection has not taken yet, each with the watch that saw it.
  final class Inbox {
    var changes: [(watch: String, path: String)] = []
  }

  private struct Watch {
    let path: String
    let domain: DomainID
    let inbox: Inbox
  }

  /// What a change is, for those who watch.
  enum Change {
    case written(String)
    case removed([String])
  }

  private var nodes = LiveNodes()
  private var watches: [Watch] = []
  private var order: SeededGenerator
  private let ledger: Ledger
  private let activity: Activity

  init(seed: UInt64, ledger: Ledger, activity: Activity) {
    order = SeededGenerator(seed: seed)
    self.ledger = ledger
    self.activity = activity
  }

  /// Forgets every key and every watch.
  func reset(seed: UInt64) {
    nodes = LiveNodes()
    watches = []
    order = SeededGenerator(seed: seed)
  }

  /// The node at `path` as everyone sees it.
  func node(at path: String) -> StoreNode? { nodes.node(at: path) }

  /// What `domain` may do.
  func rights(of domain: DomainID) -> StoreRights {
    StoreRights(domain: domain) { [self] in nodes.node(at: $0) != nil }
  }

  /// Writes one key.
  func write(_ value: String, at path: String) {
    nodes.write(value, at: path)
    report(.written(path))
  }

  /// Removes a key and what is below it.
  func remove(_ path: String) {
    let removed = nodes.remove(path)
    if !removed.isEmpty { report(.removed(removed)) }
  }

  /// Takes over what a transaction wrote, unless another wrote meanwhile what it has seen.
  func commit(_ seen: TransactionNodes, changes: [Change]) throws(StoreError) {
    for (path, generation) in seen.generations {
      guard (nodes.node(at: path)?.generation ?? 0) == generation else { throw .conflict }
    }
    for path in seen.written { nodes.setNode(seen.result(at: path), at: path) }
    for change in changes.shuffled(using: &order) { report(change) }
  }
}

// MARK: - Watches

extension StoreHub {
  /// Starts a watch, which reports once at once.
  func watch(_ path: String, by domain: DomainID, into inbox: Inbox) throws(StoreError) {
    guard !watches.contains(where: { $0.inbox === inbox && $0.path == path }) else {
      throw .system(Self.alreadyThere)
    }
    watches.append(Watch(path: path, domain: domain, inbox: inbox))
    ledger.note { $0.watches += 1 }
    inbox.changes.append((path, path))
    activity.rise()
  }

  /// Ends a watch; what it saw and nobody has taken is lost.
  func unwatch(_ path: String, inbox: Inbox) throws(StoreError) {
    let found = watches.firstIndex { $0.inbox === inbox && $0.path == path }
    guard let found else { throw .notFound }
    watches.remove(at: found)
    inbox.changes.removeAll { $0.watch == path }
    ledger.note { $0.watches -= 1 }
  }

  /// Ends every watch of a connection.
  func unwatchAll(inbox: Inbox) {
    let before = watches.count
    watches.removeAll { $0.inbox === inbox }
    let ended = before - watches.count
    ledger.note { $0.watches -= ended }
  }

  /// Ends every watch of a domain.
  func unwatchAll(of domain: DomainID) {
    for watch in watches where watch.domain == domain { unwatchAll(inbox: watch.inbox) }
  }

  /// Reports a domain that came or went to those who watch for it (`@introduceDomain`).
  func reportDomain(_ event: String) {
    for watch in watches where watch.path == event { send(event, to: watch) }
  }

  private static var alreadyThere: Int32 { 17 }

  /// A removed key is reported to those above it; to those below only their own path is.
  private func report(_ change: Change) {
    switch change {
    case .written(let path): report(path, isExact: false)
    case .removed(let paths):
      for (index, path) in paths.enumerated() { report(path, isExact: index > 0) }
    }
  }

  private func report(_ path: String, isExact: Bool) {
    for watch in watches {
      let matches =
        isExact ? path == watch.path : StorePath.isPath(path, atOrBelow: watch.path)
      guard matches, rights(of: watch.domain).mayRead(path) else { continue }
      send(path, to: watch)
    }
  }

  private func send(_ path: String, to watch: Watch) {
    watch.inbox.changes.append((watch.path, path))
    activity.rise()
  }
}
