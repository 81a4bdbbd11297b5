/// Why a store operation failed.
public enum StoreError: Error, Hashable, Sendable {
  /// No such key.
  case notFound
  /// This domain may not do that.
  case permissionDenied
  /// A transaction met another writer and must be tried again.
  case conflict
  /// The operating system refused it; the payload is its error number.
  case system(Int32)
}

/// One write of a batch that the store applies together.
public struct StoreWrite: Hashable, Sendable {
  /// Absolute path of the key.
  public var path: String
  /// New value.
  public var value: String
  /// Describes a write.
  public init(_ path: String, _ value: String) {
    self.path = path
    self.value = value
  }
}

/// The key-value store that domains share (xenstore). Paths are absolute, without a slash at the end.
public protocol Store: AnyObject {
  /// Reads a key.
  func read(_ path: String) throws(StoreError) -> String
  /// Writes keys in one transaction: a reader sees all of them or none.
  func write(_ writes: [StoreWrite]) throws(StoreError)
  /// Removes a key and everything below it. A key that is not there is no error.
  func remove(_ path: String) throws(StoreError)
  /// Names of the keys right below `path`, in the store's order.
  func list(_ path: String) throws(StoreError) -> [String]
  /// Gives a key to `owner`, who may do anything with it, and shows it to `reader`; so it is with keys that
  /// are made below it from now on. Only the control domain may do that with any key.
  func permit(_ path: String, owner: DomainID, reader: DomainID) throws(StoreError)
  /// Starts to report changes at and below `path`; one report comes at once.
  func watch(_ path: String) throws(StoreError)
  /// Ends the reports for `path`.
  func unwatch(_ path: String) throws(StoreError)
  /// Takes one reported path; `nil` when nothing changed since.
  func takeChange() -> String?
  /// Starts a transaction: what it writes is seen by others after its commit, together.
  func transaction() throws(StoreError) -> any StoreTransaction
}

/// A set of reads and writes that the store takes as one. It is given up when it dies uncommitted.
public protocol StoreTransaction: AnyObject {
  /// Reads a key as it was at the start, or as this transaction has written it.
  func read(_ path: String) throws(StoreError) -> String
  /// Writes a key.
  func write(_ path: String, _ value: String) throws(StoreError)
  /// Removes a key and everything below it. A key that is not there is no error.
  func remove(_ path: String) throws(StoreError)
  /// Makes the writes seen; `conflict` when another wrote meanwhile what this one read or wrote.
  func commit() throws(StoreError)
}

extension Store {
  /// Writes one key.
  public func write(_ path: String, _ value: String) throws(StoreError) {
    try write([StoreWrite(path, value)])
  }

  /// Writes keys of a device's directory as long as its `frontend` key stands: a write into a
  /// directory that the toolstack has removed would make it anew.
  ///
  /// - Returns: whether it stood.
  public func write(
    _ writes: [StoreWrite], whileDevice directory: String
  ) throws(StoreError) -> Bool {
    for _ in 0..<16 {
      let transaction = try transaction()
      do throws(StoreError) { _ = try transaction.read(directory + "/frontend") } catch .notFound {
        return false
      }
      for write in writes { try transaction.write(write.path, write.value) }
      do throws(StoreError) {
        try transaction.commit()
        return true
      } catch .conflict { continue }
    }
    throw .conflict
  }

  /// Reads a key; `nil` when it is not there or may not be read.
  public func value(_ path: String) -> String? { try? read(path) }

  /// The `state` key of a device's directory; `unknown` when it is not there or no state.
  public func state(of directory: String) -> XenbusState {
    value(directory + "/state").flatMap { UInt8($0) }.flatMap { XenbusState(rawValue: $0) }
      ?? .unknown
  }
}
