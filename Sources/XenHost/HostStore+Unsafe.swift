internal import CXen
internal import Glibc
internal import XenInterface

/// xenstored through libxenstore.
///
/// A change that xenstored tells while an answer is awaited is held by the library. As an archive,
/// it was built without the thread that would make the descriptor readable then.
@safe final class HostStore: Store, HoldingSource {
  static let path = "xenstored"
  /// How often a batch of writes is tried when others write at the same time.
  private static let attempts = 16

  private struct Change {
    let path: String
    /// What it is watched for by.
    let token: String
  }

  // SAFETY: opened in `init`, closed in `deinit`; a transaction holds the store.
  private let opened: OpaquePointer
  /// Whether xenstored was asked since there was no change.
  private var isAsked = true
  private var held: Change?

  init() throws(HostError) {
    guard let handle = unsafe xs_open(UInt(XS_UNWATCH_FILTER)) else {
      throw .unavailable(device: Self.path, code: errno)
    }
    unsafe opened = handle
  }

  deinit { unsafe xs_close(opened) }

  /// Readable when a change is reported, unless an answer was awaited then.
  var descriptor: Int32 { unsafe xs_fileno(opened) }

  var isHolding: Bool {
    guard held == nil, isAsked else { return held != nil }
    held = takeReported()
    return held != nil
  }

  /// The library's handle, to ask xenstored something.
  fileprivate var handle: OpaquePointer {
    isAsked = true
    return unsafe opened
  }

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
    var count: UInt32 = 0
    guard let names = unsafe xs_directory(handle, 0, path, &count) else { throw .last }
    // SAFETY: one allocation with `count` strings in it, freed here.
    defer { unsafe free(names) }
    return (0..<Int(count)).compactMap { index in
      unsafe names[index].map { unsafe String(cString: $0) }
    }
  }

  func permit(_ path: String, owner: DomainID, reader: DomainID) throws(StoreError) {
    // The first one says whose the key is, and what domains may do that are not named.
    var permissions = [
      xs_permissions(id: UInt32(owner.rawValue), perms: UInt32(XS_PERM_NONE)),
      xs_permissions(id: UInt32(reader.rawValue), perms: UInt32(XS_PERM_READ)),
    ]
    // SAFETY: the call reads as many as it is told.
    let isDone = unsafe permissions.withUnsafeMutableBufferPointer {
      unsafe xs_set_permissions(handle, 0, path, $0.baseAddress, UInt32($0.count))
    }
    guard isDone else { throw .last }
  }

  func watch(_ path: String) throws(StoreError) {
    guard unsafe xs_watch(handle, path, path) else { throw .last }
  }

  func unwatch(_ path: String) throws(StoreError) {
    guard unsafe xs_unwatch(handle, path, path) else { throw .last }
    if held?.token == path { held = nil }
  }

  func takeChange() -> String? { (held.take() ?? takeReported())?.path }

  func transaction() throws(StoreError) -> any StoreTransaction {
    try HostTransaction(of: self)
  }

  private func writeTogether(_ writes: [StoreWrite]) throws(StoreError) {
    let transaction = try HostTransaction(of: self)
    for write in writes { try transaction.write(write.path, write.value) }
    try transaction.commit()
  }
}

extension HostStore {
  private func takeReported() -> Change? {
    guard let change = unsafe xs_check_watch(opened) else {
      isAsked = false
      return nil
    }
    // SAFETY: one allocation with the path and the token in it, freed here.
    defer { unsafe free(change) }
    guard let path = unsafe change[Int(XS_WATCH_PATH.rawValue)],
      let token = unsafe change[Int(XS_WATCH_TOKEN.rawValue)]
    else { return nil }
    return unsafe Change(path: String(cString: path), token: String(cString: token))
  }

  fileprivate func read(_ path: String, in transaction: xs_transaction_t) throws(StoreError)
    -> String
  {
    var count: UInt32 = 0
    guard let octets = unsafe xs_read(handle, transaction, path, &count) else { throw .last }
    // SAFETY: `count` octets, freed here.
    defer { unsafe free(octets) }
    return unsafe String(
      decoding: UnsafeRawBufferPointer(start: octets, count: Int(count)), as: UTF8.self)
  }

  fileprivate func write(
    _ path: String, _ value: String, in transaction: xs_transaction_t
  ) throws(StoreError) {
    let isDone = unsafe xs_write(
      handle, transaction, path, value, UInt32(clamping: value.utf8.count))
    guard isDone else { throw .last }
  }

  fileprivate func remove(_ path: String, in transaction: xs_transaction_t) throws(StoreError) {
    guard unsafe !xs_rm(handle, transaction, path) else { return }
    let error = StoreError.last
    guard error == .notFound else { throw error }
  }
}

/// A transaction of xenstored's.
private final class HostTransaction: StoreTransaction {
  private let store: HostStore
  private let number: xs_transaction_t
  private var isOpen = true

  init(of store: HostStore) throws(StoreError) {
    self.store = store
    number = unsafe xs_transaction_start(store.handle)
    guard number != 0 else {
      isOpen = false
      throw .last
    }
  }

  deinit { if isOpen { _ = unsafe xs_transaction_end(store.handle, number, true) } }

  func read(_ path: String) throws(StoreError) -> String { try store.read(path, in: number) }

  func write(_ path: String, _ value: String) throws(StoreError) {
    try store.write(path, value, in: number)
  }

  func remove(_ path: String) throws(StoreError) { try store.remove(path, in: number) }

  func commit() throws(StoreError) {
    isOpen = false
    guard unsafe xs_transaction_end(store.handle, number, false) else { throw .last }
  }
}

extension StoreError {
  /// What the last call's error number says.
  fileprivate static var last: StoreError {
    switch errno {
    case ENOENT: .notFound
    case EACCES, EPERM: .permissionDenied
    case EAGAIN: .conflict
    case let code: .system(code)
    }
  }
}
