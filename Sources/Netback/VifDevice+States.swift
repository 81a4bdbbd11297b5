import Netif
public import XenInterface

extension VifDevice {
  /// Whether a change at `changed` in the store concerns this vif.
  public func concerns(_ changed: String) -> Bool {
    changed == path || changed.hasPrefix(path + "/") || changed == keys.frontend + "/state"
      || changed == keys.frontend + "/request-multicast-control"
  }

  /// Whether `port` is one of this vif's.
  public func owns(_ port: EventChannelPort) -> Bool {
    port == controlPort || running.contains { $0.owns(port) }
  }

  /// Looks at the frontend's state again, whatever was reported, and follows it: only the value
  /// that stands in the store now counts. A change of `rate` or `request-multicast-control` is in
  /// force at once.
  public func follow(_ changed: String, now: MonotonicInstant) {
    do throws(StoreError) {
      // A directory that is gone must not be written to: that would make it anew.
      guard xen.store.value(path + "/frontend") != nil else { return disconnect() }
      if changed == path + "/rate" { changeRate(now: now) }
      if try heedToolstack(now: now) { return }
      if changed.hasSuffix("/request-multicast-control") { vif.context.negotiate(keys.features()) }
      try follow(frontend: keys.state(), now: now)
    } catch { failure = .store(error) }
  }

  private func changeRate(now: MonotonicInstant) {
    let rate = rate()
    for queue in running {
      queue.pause {
        queue.queue.tx.limit(bytes: rate.bytes, microseconds: rate.microseconds, now: now)
      }
    }
  }

  /// Closes when the toolstack asks for it: it writes Closing over our state and removes the
  /// directory when we are Closed. Where we are Closing already, that the vif is offline tells its word
  /// from ours.
  ///
  /// - Returns: whether it asks; what the frontend says by then does not count.
  private func heedToolstack(now: MonotonicInstant) throws(StoreError) -> Bool {
    let isAsked = state != .closing || xen.store.value(path + "/online") == "0"
    guard xen.store.state(of: path) == .closing, isAsked else { return false }
    guard mayLeave(now: now) else { return true }
    frontendState = keys.state()
    state = .closing
    try close()
    return true
  }

  /// Lets go of rings and ports and says that this end is closed; a frontend then closes, too.
  public func close() throws(StoreError) {
    disconnect()
    try publish(.closed)
  }

  private func follow(frontend number: UInt32, now: MonotonicInstant) throws(StoreError) {
    if Self.letsGo(number) {
      guard mayLeave(now: now) else { return }
    } else {
      // It has thought better of it.
      departure = nil
    }
    let isNew = number != frontendState
    frontendState = number
    guard let frontend = XenbusState(exactly: number) else {
      if isNew { try fail(.badState(number)) }
      return
    }
    if isNew { vif.context.tap?.stateChanged(frontend, isBackend: false) }
    switch frontend {
    case .initialising where isNew:
      try startAnew()
    case .connected:
      try connectIfReady(isNew: isNew, now: now)
    case .closing:
      disconnect()
      if isNew, state != .closed { try publish(.closing) }
    case .closed, .unknown:
      try close()
    case .reconfiguring where isNew:
      do throws(VifError) { try changeHeadroom() } catch { return try fail(error) }
      try publish(.reconfigured)
    case .initWait where isNew, .reconfigured where isNew:
      try fail(.badState(number))
    case .initialising, .initWait, .initialised, .reconfiguring, .reconfigured:
      break
    }
  }

  /// Waits for a frontend that begins; one that was connected and has not closed, after a crash for
  /// one, has let go of its rings. The states are walked one by one, as in Linux.
  private func startAnew() throws(StoreError) {
    if case .pending = takeover { takeover = .none }
    disconnect()
    if state == .connected { try publish(.closing) }
    if state == .closing { try publish(.closed) }
    try publish(.initWait)
  }

  /// A frontend that says Connected again has rings again; one that still says it, after we have
  /// closed, has to close first.
  private func connectIfReady(isNew: Bool, now: MonotonicInstant) throws(StoreError) {
    if case .pending = takeover { return try takeOver(now: now) }
    // Whoever wants to reconfigure before it has rings is waited for all the same.
    let isWaiting = state == .initWait || state == .reconfigured || !vif.queues.isEmpty
    guard isWaiting || state == .closed && isNew else { return }
    if state == .closed { try publish(.initWait) }
    if vif.queues.isEmpty {
      do throws(VifError) { try connect(now: now) } catch { return try fail(error) }
    }
    try publishConnected()
  }

  /// Says Connected, or leaves it until the hotplug script is done.
  func publishConnected() throws(StoreError) {
    let hotplug = xen.store.value(path + "/hotplug-status")
    if !offer.waitsForHotplug || hotplug == "connected" { try publish(.connected) }
  }

  /// Takes the headroom that the guest asks for.
  func readHeadroom() throws(VifError) {
    vif.context.leave(headroom: try keys.headroom())
  }

  /// Takes another one: the guest's XDP programs may change it at any time.
  private func changeHeadroom() throws(VifError) {
    try readHeadroom()
    let octets = vif.context.configuration.receiveHeadroom
    vif.context.tap?.keySeen(VifKeys.xdpHeadroom, "\(octets)", isBackend: false)
  }

  /// Records why, where people look, and gives the frontend up (Linux: `xenbus_dev_fatal`).
  private func fail(_ error: VifError) throws(StoreError) {
    failure = error
    if rules.cleansUp { disconnect() }
    _ = try xen.store.write([StoreWrite(path + "/error", "\(error)")], whileDevice: path)
    try publish(.closing)
  }
}
