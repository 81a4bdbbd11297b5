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
    port == controlPort || ports.contains { $0.tx == port || $0.rx == port }
  }

  /// Looks at the frontend's state again, whatever was reported, and follows it: only the value
  /// that stands in the store now counts. A change of `rate` or `request-multicast-control` is in
  /// force at once.
  public func follow(_ changed: String, now: MonotonicInstant) {
    do throws(StoreError) {
      // A directory that is gone must not be written to: that would make it anew.
      guard xen.store.value(path + "/frontend") != nil else { return disconnect() }
      if changed == path + "/rate" { changeRate(now: now) }
      if changed.hasSuffix("/request-multicast-control") { vif.context.negotiate(keys.features()) }
      try follow(readFrontendState(), now: now)
    } catch { failure = .store(error) }
  }

  private func changeRate(now: MonotonicInstant) {
    let rate = rate()
    for queue in vif.queues {
      queue.tx.limit(bytes: rate.bytes, microseconds: rate.microseconds, now: now)
    }
  }

  private func readFrontendState() -> XenbusState {
    keys.number("state").flatMap { XenbusState(rawValue: UInt8(clamping: $0)) } ?? .unknown
  }

  private func follow(
    _ frontend: XenbusState, now: MonotonicInstant
  ) throws(StoreError) {
    let isNew = frontend != frontendState
    frontendState = frontend
    if isNew { vif.context.tap?.stateChanged(frontend, isBackend: false) }
    switch frontend {
    case .initialising:
      if state == .closed || state == .closing { try publish(.initWait) }
    case .connected:
      try connectIfReady(now: now)
    case .closing:
      disconnect()
      if isNew, state != .closed { try publish(.closing) }
    case .closed, .unknown:
      disconnect()
      if state != .closed { try publish(.closed) }
    case .reconfiguring where isNew:
      do throws(VifError) { try readHeadroom() } catch { return try fail(error) }
      try publish(.reconfigured)
    case .initWait, .initialised, .reconfiguring, .reconfigured:
      break
    }
  }

  private func connectIfReady(now: MonotonicInstant) throws(StoreError) {
    guard state == .initWait || state == .closed else { return }
    if vif.queues.isEmpty {
      do throws(VifError) { try connect(now: now) } catch { return try fail(error) }
    }
    let hotplug = xen.store.value(path + "/hotplug-status")
    if !offer.waitsForHotplug || hotplug == "connected" { try publish(.connected) }
  }

  /// Takes the headroom that the guest asks for, which its XDP programs may change at any time.
  func readHeadroom() throws(VifError) {
    vif.context.leave(headroom: try keys.headroom())
  }

  /// Records why, where people look, and gives the frontend up (Linux: `xenbus_dev_fatal`).
  private func fail(_ error: VifError) throws(StoreError) {
    failure = error
    disconnect()
    try xen.store.write(path + "/error", "\(error)")
    try publish(.closing)
  }
}
