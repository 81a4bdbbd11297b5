public import XenInterface

/// The toolstack's part in a vif's life: it makes and removes the two directories.
public struct VifDirectories {
  /// Where they stand.
  public let path: VifPath
  private let store: any Store

  /// Acts through the store of a domain that may write both directories.
  public init(_ path: VifPath, store: any Store) {
    self.path = path
    self.store = store
  }

  /// Writes all keys and then both states, the backend's before the frontend's.
  ///
  /// Where the backend is in a driver domain, each end is given its directory first, and shown the other's;
  /// the control domain needs no leave.
  ///
  /// `backendKeys` are names and values beside the usual ones: `rate`, for one.
  public func create(
    mac: String = "00:16:3e:00:00:01", backendKeys: [String: String] = [:]
  ) throws(NetfrontError) {
    let handle = "\(path.handle.rawValue)"
    var backend = [
      "frontend": path.frontend, "frontend-id": "\(path.frontendDomain.rawValue)", "online": "1",
      "handle": handle, "script": "/bin/true", "mac": mac, "hotplug-status": "",
    ]
    backend.merge(backendKeys) { _, given in given }
    let frontend = [
      "backend": path.backend, "backend-id": "\(path.backendDomain.rawValue)", "handle": handle,
      "mac": mac,
    ]
    if path.backendDomain != .control { try permit() }
    let states = [path.backend, path.frontend].map { StoreWrite($0 + "/state", "1") }
    try write(writes(backend, in: path.backend) + writes(frontend, in: path.frontend) + states)
  }

  /// Says that the hotplug script is done, which a backend waits for before it is Connected.
  public func reportHotplug(_ status: String = "connected") throws(NetfrontError) {
    try write([StoreWrite(path.backend + "/hotplug-status", status)])
  }

  /// Takes the vif away: offline, the frontend through Closing to Closed, the backend's Closed
  /// awaited, then both directories removed.
  ///
  /// It writes the frontend's state itself, so it also ends a vif whose guest has gone. Pages that
  /// the guest had granted are unmapped when it returns.
  public func remove(
    through loop: any WorldLoop, until deadline: MonotonicInstant
  ) throws(NetfrontError) {
    try write([StoreWrite(path.backend + "/online", "0")])
    let backend = PeerState(directory: path.backend, store: store, loop: loop)
    try backend.watching { () throws(NetfrontError) in
      try write([StoreWrite(path.frontend + "/state", "\(XenbusState.closing.rawValue)")])
      try backend.wait(for: [.closing, .closed, .unknown], until: deadline)
      try write([StoreWrite(path.frontend + "/state", "\(XenbusState.closed.rawValue)")])
      try backend.wait(for: [.closed, .unknown], until: deadline)
    }
    try forget()
  }

  /// Removes both directories, whatever the ends do with them.
  public func forget() throws(NetfrontError) {
    do throws(StoreError) {
      try store.remove(path.backend)
      try store.remove(path.frontend)
    } catch { throw .store(error) }
  }

  private func permit() throws(NetfrontError) {
    let (back, front) = (path.backendDomain, path.frontendDomain)
    try write([StoreWrite(path.backend, ""), StoreWrite(path.frontend, "")])
    do throws(StoreError) {
      try store.permit(path.backend, owner: back, reader: front)
      try store.permit(path.frontend, owner: front, reader: back)
    } catch { throw .store(error) }
  }

  private func writes(_ keys: [String: String], in directory: String) -> [StoreWrite] {
    keys.sorted { $0.key < $1.key }.map { StoreWrite(directory + "/" + $0.key, $0.value) }
  }

  private func write(_ writes: [StoreWrite]) throws(NetfrontError) {
    do throws(StoreError) { try store.write(writes) } catch { throw .store(error) }
  }
}
