internal import CXen
internal import Glibc
internal import XenInterface

/// xenstored, asked in the words of `xs_wire.h`.
final class HostStore: Store, HoldingSource {
  /// How often a batch of writes is tried when others write at the same time.
  private static let attempts = 16

  private let connection: StoreConnection

  init() throws(HostError) { connection = try StoreConnection() }

  init(_ connection: StoreConnection) { self.connection = connection }

  /// Readable when a change is told, unless an answer was awaited then.
  var descriptor: Int32 { connection.descriptor }

  /// Whether a change is kept that was told while an answer was awaited.
  var isHolding: Bool { !connection.changes.isEmpty }

  func read(_ path: String) throws(StoreError) -> String { try read(path, in: 0) }

  func write(_ writes: [StoreWrite]) throws(StoreError) {
    guard writes.count > 1 else {
      for single in writes { try write(single.path, single.value, in: 0) }
      return
    }
    for _ in 1..<Self.attempts {
      do throws(StoreError) { return try writeTogether(writes) } catch {
        guard error == .conflict else { throw error }
      }
    }
    try writeTogether(writes)
  }

  func remove(_ path: String) throws(StoreError) { try remove(path, in: 0) }

  func list(_ path: String) throws(StoreError) -> [String] {
    do throws(StoreError) { return try ask(XS_DIRECTORY, [path]).storeStrings } catch {
      guard error == .system(E2BIG) else { throw error }
      return try listInParts(path)
    }
  }

  func permit(_ path: String, owner: DomainID, reader: DomainID) throws(StoreError) {
    // The first one says whose the key is, and that domains may do nothing that are not named.
    _ = try ask(XS_SET_PERMS, [path, "n\(owner.rawValue)", "r\(reader.rawValue)"])
  }

  func watch(_ path: String) throws(StoreError) { _ = try ask(XS_WATCH, [path, path]) }

  func unwatch(_ path: String) throws(StoreError) {
    _ = try ask(XS_UNWATCH, [path, path])
    connection.changes.removeAll { $0.token == path }
  }

  func takeChange() -> String? {
    connection.lookForChanges()
    return connection.changes.isEmpty ? nil : connection.changes.removeFirst().path
  }

  func transaction() throws(StoreError) -> any StoreTransaction {
    try HostTransaction(of: self)
  }

  private func writeTogether(_ writes: [StoreWrite]) throws(StoreError) {
    let transaction = try HostTransaction(of: self)
    for write in writes { try transaction.write(write.path, write.value) }
    try transaction.commit()
  }
}

// MARK: - Requests

extension HostStore {
  /// Asks with strings, each ended by a zero.
  fileprivate func ask(
    _ kind: xsd_sockmsg_type, _ words: [String], in transaction: UInt32 = 0
  ) throws(StoreError) -> [UInt8] {
    guard !words.contains(where: { $0.utf8.contains(0) }) else { throw .system(EINVAL) }
    return try connection.ask(kind, words.flatMap { Array($0.utf8) + [0] }, in: transaction)
  }

  /// A directory that is longer than a message. When it changes meanwhile, that begins anew.
  private func listInParts(_ path: String) throws(StoreError) -> [String] {
    var octets: [UInt8] = []
    var generation: ArraySlice<UInt8>?
    while true {
      let reply = try ask(XS_DIRECTORY_PART, [path, "\(octets.count)"])
      guard let end = reply.firstIndex(of: 0) else { throw .system(EIO) }
      guard generation == nil || generation == reply[..<end] else {
        (octets, generation) = ([], nil)
        continue
      }
      generation = reply[..<end]
      let part = reply[(end + 1)...]
      octets += part
      // An empty name is behind the last one.
      if part.isEmpty || part.elementsEqual([0]) || part.suffix(2).elementsEqual([0, 0]) {
        return octets.dropLast().storeStrings
      }
    }
  }

  fileprivate func read(_ path: String, in transaction: UInt32) throws(StoreError) -> String {
    String(decoding: try ask(XS_READ, [path], in: transaction), as: UTF8.self)
  }

  fileprivate func write(
    _ path: String, _ value: String, in transaction: UInt32
  ) throws(StoreError) {
    guard !path.utf8.contains(0) else { throw .system(EINVAL) }
    _ = try connection.ask(
      XS_WRITE, Array(path.utf8) + [0] + Array(value.utf8), in: transaction)
  }

  fileprivate func remove(_ path: String, in transaction: UInt32) throws(StoreError) {
    do throws(StoreError) { _ = try ask(XS_RM, [path], in: transaction) } catch {
      guard error == .notFound else { throw error }
    }
  }
}

/// A transaction of xenstored's.
private final class HostTransaction: StoreTransaction {
  private let store: HostStore
  private let number: UInt32
  private var isOpen = true

  init(of store: HostStore) throws(StoreError) {
    self.store = store
    let reply = try store.ask(XS_TRANSACTION_START, [""])
    guard let number = reply.storeStrings.first.flatMap(UInt32.init), number != 0 else {
      throw .system(EIO)
    }
    self.number = number
  }

  deinit { if isOpen { _ = try? end("F") } }

  func read(_ path: String) throws(StoreError) -> String { try store.read(path, in: number) }

  func write(_ path: String, _ value: String) throws(StoreError) {
    try store.write(path, value, in: number)
  }

  func remove(_ path: String) throws(StoreError) { try store.remove(path, in: number) }

  func commit() throws(StoreError) {
    isOpen = false
    try end("T")
  }

  private func end(_ word: String) throws(StoreError) {
    _ = try store.ask(XS_TRANSACTION_END, [word], in: number)
  }
}
