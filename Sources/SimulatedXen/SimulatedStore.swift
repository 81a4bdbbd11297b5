internal import XenInterface

/// One connection of a simulated domain to the store.
final class SimulatedStore: Store {
  private let domain: DomainID
  private let hub: StoreHub
  private let inbox = StoreHub.Inbox()

  init(domain: DomainID, hub: StoreHub) {
    self.domain = domain
    self.hub = hub
  }

  deinit { hub.unwatchAll(inbox: inbox) }

  func read(_ path: String) throws(StoreError) -> String {
    try hub.rights(of: domain).checkRead(path)
    guard let node = hub.node(at: path) else { throw .notFound }
    return node.value
  }

  func write(_ writes: [StoreWrite]) throws(StoreError) {
    let transaction = SimulatedTransaction(domain: domain, hub: hub)
    for write in writes { try transaction.write(write.path, write.value) }
    try transaction.commit()
  }

  func remove(_ path: String) throws(StoreError) {
    try hub.rights(of: domain).checkWrite(path, octets: 0)
    hub.remove(path)
  }

  func list(_ path: String) throws(StoreError) -> [String] {
    try hub.rights(of: domain).checkRead(path)
    guard let node = hub.node(at: path) else { throw .notFound }
    return node.children
  }

  func permit(_ path: String, owner: DomainID, reader: DomainID) throws(StoreError) {
    // What it would allow both may do here already: `StoreRights` goes by the paths of devices.
    guard domain == .control else { throw .permissionDenied }
    _ = try read(path)
  }

  func watch(_ path: String) throws(StoreError) {
    guard StorePath.isValid(path) || path.hasPrefix("@") else { throw .invalid }
    try hub.watch(path, by: domain, into: inbox)
  }

  func unwatch(_ path: String) throws(StoreError) { try hub.unwatch(path, inbox: inbox) }

  func takeChange() -> String? {
    inbox.changes.isEmpty ? nil : inbox.changes.removeFirst().path
  }

  func transaction() throws(StoreError) -> any StoreTransaction {
    SimulatedTransaction(domain: domain, hub: hub)
  }
}

/// A transaction of a simulated domain.
final class SimulatedTransaction: StoreTransaction {
  private let rights: StoreRights
  private let hub: StoreHub
  private var nodes: TransactionNodes
  private var changes: [StoreHub.Change] = []

  init(domain: DomainID, hub: StoreHub) {
    self.hub = hub
    rights = hub.rights(of: domain)
    nodes = TransactionNodes { hub.node(at: $0) }
  }

  func read(_ path: String) throws(StoreError) -> String {
    try rights.checkRead(path)
    guard let node = nodes.node(at: path) else { throw .notFound }
    return node.value
  }

  func write(_ path: String, _ value: String) throws(StoreError) {
    try rights.checkWrite(path, octets: value.utf8.count)
    nodes.write(value, at: path)
    changes.append(.written(path))
  }

  func remove(_ path: String) throws(StoreError) {
    try rights.checkWrite(path, octets: 0)
    let removed = nodes.remove(path)
    if !removed.isEmpty { changes.append(.removed(removed)) }
  }

  func commit() throws(StoreError) { try hub.commit(nodes, changes: changes) }
}

extension StoreRights {
  /// Throws unless the path is one and may be read.
  func checkRead(_ path: String) throws(StoreError) {
    guard StorePath.isValid(path) else { throw .invalid }
    guard mayRead(path) else { throw .permissionDenied }
  }

  /// Throws unless the path is one, may be written, and the message is not too large.
  func checkWrite(_ path: String, octets: Int) throws(StoreError) {
    guard StorePath.isValid(path), path != "/" else { throw .invalid }
    guard path.utf8.count + 1 + octets <= StorePath.payloadLimit else { throw .tooLarge }
    guard mayWrite(path) else { throw .permissionDenied }
  }
}

extension StoreError {
  /// What the store answers to a path that is none (EINVAL).
  static var invalid: StoreError { .system(22) }
  /// What the store's library answers to a message that is too large (E2BIG).
  static var tooLarge: StoreError { .system(7) }
}
