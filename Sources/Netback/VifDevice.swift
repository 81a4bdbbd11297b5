import Netif
import TraceFormat
public import XenInterface
import XenRing

/// What a backend offers and where it stands in the store; fixed when it is made.
public struct VifOffer: Hashable, Sendable {
  /// Queues that a frontend may ask for.
  public var maximumQueues: UInt32
  /// Whether Connected waits until the hotplug script has written `connected`, as in Linux.
  public var waitsForHotplug: Bool

  /// Describes an offer.
  public init(maximumQueues: UInt32 = 8, waitsForHotplug: Bool = true) {
    self.maximumQueues = maximumQueues
    self.waitsForHotplug = waitsForHotplug
  }
}

/// A vif as xenbus sees it: its directory in the store, its state, its frontend's rings.
///
/// Follows Linux's `xenbus.c`: InitWait when the features are written, Connected when the
/// frontend is and the hotplug script is done, back to InitWait when a closed frontend starts anew.
public final class VifDevice {
  /// The data path.
  public let vif: Vif
  /// The state last written.
  public private(set) var state = XenbusState.initialising
  /// Why the last attempt to connect failed; `nil` when it did not.
  public private(set) var failure: VifError?

  private let xen: DomainInterface
  private let offer: VifOffer
  private let configuration: VifConfiguration
  /// This vif's directory: `/local/domain/0/backend/vif/DOMAIN/HANDLE`.
  public let path: String
  private let keys: VifKeys
  private var frontendState = XenbusState.unknown
  private var ports: [VifPorts] = []
  private var controlPort: EventChannelPort?

  /// A queue's bound ports.
  private struct VifPorts {
    var tx: EventChannelPort
    var rx: EventChannelPort
  }

  /// Opens the directory that a toolstack has made, writes the features and waits for the frontend.
  ///
  /// - Throws: `VifError.missingKey` when the directory names no frontend.
  public init(
    configuration: VifConfiguration, offer: VifOffer = VifOffer(), xen: DomainInterface,
    sink: any FrameSink, tap: (any NetbackTap)? = nil
  ) throws(VifError) {
    self.xen = xen
    self.offer = offer
    self.configuration = configuration
    let (guest, handle) = (configuration.domain.rawValue, configuration.handle.rawValue)
    path = "/local/domain/\(xen.domain.rawValue)/backend/vif/\(guest)/\(handle)"
    guard let frontend = xen.store.value(path + "/frontend") else { throw .missingKey("frontend") }
    keys = VifKeys(store: xen.store, frontend: frontend)
    vif = Vif(
      context: VifContext(
        configuration: configuration, grants: xen.grants, sink: sink, tap: tap))
    do throws(StoreError) {
      try xen.store.write(features())
      try publish(.initWait)
      try xen.store.watch(frontend + "/state")
      try xen.store.watch(path)
    } catch { throw .store(error) }
  }

  deinit {
    // A store that refuses has lost the watches already.
    try? xen.store.unwatch(keys.frontend + "/state")
    try? xen.store.unwatch(path)
  }

  private func features() -> [StoreWrite] {
    [
      "feature-sg": "1", "feature-gso-tcpv4": "1", "feature-gso-tcpv6": "1",
      "feature-ipv6-csum-offload": "1", "feature-rx-copy": "1", "feature-rx-flip": "0",
      "feature-multicast-control": "1", "feature-dynamic-multicast-control": "1",
      "feature-split-event-channels": "1", "feature-ctrl-ring": "1",
      "multi-queue-max-queues": "\(offer.maximumQueues)",
    ].sorted { $0.key < $1.key }.map { StoreWrite(path + "/" + $0.key, $0.value) }
  }

  private func publish(_ state: XenbusState) throws(StoreError) {
    guard state != self.state else { return }
    try xen.store.write(path + "/state", "\(state.rawValue)")
    self.state = state
    vif.context.tap?.stateChanged(state, isBackend: true)
  }
}

extension VifDevice {
  /// Whether a change at `changed` in the store concerns this vif.
  public func concerns(_ changed: String) -> Bool {
    changed.hasPrefix(path + "/") || changed == path || changed == keys.frontend + "/state"
  }

  /// Whether `port` is one of this vif's.
  public func owns(_ port: EventChannelPort) -> Bool {
    port == controlPort || ports.contains { $0.tx == port || $0.rx == port }
  }

  /// Looks at the frontend's state again, whatever was reported, and follows it: only the value
  /// that stands in the store now counts. A change of the `rate` key is in force at once.
  public func follow(_ changed: String, now: MonotonicInstant) {
    do throws(StoreError) {
      // A directory that is gone must not be written to: that would make it anew.
      guard xen.store.value(path + "/frontend") != nil else { return disconnect() }
      if changed == path + "/rate" { changeRate(now: now) }
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

  /// Records why, where people look, and gives the frontend up (Linux: `xenbus_dev_fatal`).
  private func fail(_ error: VifError) throws(StoreError) {
    failure = error
    disconnect()
    try xen.store.write(path + "/error", "\(error)")
    try publish(.closing)
  }

  private func connect(now: MonotonicInstant) throws(VifError) {
    failure = nil
    let count = keys.queueCount()
    guard count > 0, count <= offer.maximumQueues else { throw .badQueueCount(count) }
    vif.context.negotiate(keys.features())
    if let control = try keys.control() { try addControl(control.ring, control.port) }
    for index in 0..<Int(count) {
      let queue = try keys.queue(index, of: Int(count))
      try addQueue(queue, now: now)
    }
    guard let tap = vif.context.tap else { return }
    for key in keys.present(queues: Int(count)) {
      tap.keySeen(key.name, key.value, isBackend: false)
    }
    tap.connected(vif)
  }

  private func addControl(
    _ ring: GrantReference, _ port: EventChannelPort
  ) throws(VifError) {
    let page = try map(ring)
    do throws(RingViolation) { try vif.addControl(page) } catch { throw .ring(error) }
    controlPort = try bind(port)
  }

  private func addQueue(_ queue: VifQueueKeys, now: MonotonicInstant) throws(VifError) {
    let rings = VifQueueRings(tx: try map(queue.tx), rx: try map(queue.rx))
    let rate = rate()
    let credit = CreditScheduler(
      bytes: rate.bytes, microseconds: rate.microseconds, now: now)
    do throws(RingViolation) { try vif.addQueue(rings, credit: credit) } catch {
      throw .ring(error)
    }
    let tx = try bind(queue.txPort)
    ports.append(VifPorts(tx: tx, rx: try queue.rxPort.map(bind) ?? tx))
  }

  private func map(_ grant: GrantReference) throws(VifError) -> SharedPage {
    do throws(GrantError) {
      return try xen.grants.map(grant, of: configuration.domain, access: .readWrite)
    } catch { throw .grant(error) }
  }

  private func bind(_ port: EventChannelPort) throws(VifError) -> EventChannelPort {
    do throws(EventChannelError) {
      return try xen.events.bind(to: port, of: configuration.domain)
    } catch { throw .eventChannel(error) }
  }

  /// The `rate` key: octets and microseconds; anything else means no limit.
  private func rate() -> (bytes: UInt64, microseconds: UInt64) {
    let parts = (xen.store.value(path + "/rate") ?? "").split(separator: ",")
    guard parts.count == 2, let bytes = UInt64(parts[0]), let window = UInt64(parts[1]) else {
      return (.max, 0)
    }
    return (bytes, window)
  }

  /// Lets go of rings and ports. Called twice it does nothing.
  private func disconnect() {
    if !vif.queues.isEmpty { vif.context.tap?.disconnected() }
    vif.removeQueues()
    vif.removeControl()
    if let controlPort { xen.events.close(controlPort) }
    controlPort = nil
    for port in ports {
      xen.events.close(port.tx)
      if port.rx != port.tx { xen.events.close(port.rx) }
    }
    ports.removeAll()
  }
}

extension VifDevice {
  /// The keys of both ends as they stand now, without those below subdirectories of the backend.
  func storeKeys() -> [VifSnapshot.Key] {
    let ends = [("frontend", keys.frontend), ("backend", path)]
    return ends.flatMap { end, directory in
      ((try? xen.store.list(directory)) ?? []).compactMap { name in
        xen.store.value(directory + "/" + name).map { value in
          VifSnapshot.Key(name: end + "/" + name, value: value)
        }
      }
    }
  }

  /// Polls every queue once.
  ///
  /// - Returns: when it wants to be called again; `nil` when only an event can bring work.
  public func poll(now: MonotonicInstant) -> MonotonicInstant? {
    var next = pollControl() ? now : nil
    for (queue, port) in zip(vif.queues, ports) {
      let tx = queue.tx.poll(now: now)
      if tx.notification == .required { xen.events.notify(port.tx) }
      let rx = queue.rx.poll(now: now)
      if rx.notification == .required { xen.events.notify(port.rx) }
      let wanted = tx.hasMore || rx.hasMore ? now : [tx.wakeUp, rx.wakeUp].compactMap(\.self).min()
      if let wanted { next = min(next ?? wanted, wanted) }
    }
    return next
  }

  /// - Returns: whether messages are left.
  private func pollControl() -> Bool {
    guard let control = vif.control, let controlPort else { return false }
    let poll = control.poll()
    if poll.notification == .required { xen.events.notify(controlPort) }
    return poll.hasMore
  }

  /// Tells the frontend of TX answers that were written outside a poll.
  public func notifyTx(queue: Int) {
    guard ports.indices.contains(queue) else { return }
    xen.events.notify(ports[queue].tx)
  }
}
