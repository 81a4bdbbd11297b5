public import XenInterface

/// A guest's network frontend: it connects to any backend that speaks xenbus, honestly or not.
///
/// It is driven from outside and lets `loop` run while it waits; the backend's worker, when it is
/// in the same process, is on that loop.
public final class Netfront {
  /// Where the vif stands in the store.
  public let path: VifPath
  /// The guest's interface to Xen; all that it reports is this frontend's.
  public let xen: DomainInterface
  /// The queues while connected.
  public private(set) var queues: [FrontQueue] = []
  /// The control ring while connected, when there is one.
  public private(set) var control: ControlChannel?

  private let loop: any WorldLoop
  private let backend: PeerState

  /// Makes a frontend for a vif whose directories a toolstack has made.
  public init(_ path: VifPath, xen: DomainInterface, loop: any WorldLoop) {
    self.path = path
    self.xen = xen
    self.loop = loop
    backend = PeerState(directory: path.backend, store: xen.store, loop: loop)
  }

  /// What the backend offers now.
  public var offer: BackendOffer { BackendOffer(directory: path.backend, store: xen.store) }
  /// The backend's state now.
  public var backendState: XenbusState { backend.current }
  /// Our state as it stands in the store.
  public var state: XenbusState { xen.store.state(of: path.frontend) }

  /// Connects, or connects again after a close: waits for the backend to be ready, makes rings,
  /// writes them into the store and waits until the backend has taken them.
  ///
  /// - Throws: what went wrong; rings and pages are given back.
  public func connect(
    _ options: NetfrontOptions = NetfrontOptions(), until deadline: MonotonicInstant
  ) throws(NetfrontError) {
    do throws(NetfrontError) {
      try backend.watching { () throws(NetfrontError) in
        if state != .initialising { try publish(.initialising) }
        try backend.wait(for: [.initWait], until: deadline)
        try open(options)
        try backend.wait(
          for: [.connected], hopeless: [.closing, .closed, .unknown], until: deadline)
      }
    } catch {
      abandon()
      throw error
    }
  }

  /// Makes rings, writes their keys and says Connected; the backend need not have answered.
  public func open(_ options: NetfrontOptions = NetfrontOptions()) throws(NetfrontError) {
    try makeRings(options)
    try publish(.connected)
  }

  /// Makes rings and writes their keys, and says nothing yet.
  public func makeRings(_ options: NetfrontOptions) throws(NetfrontError) {
    let offer = offer
    guard offer.receiveByCopy || !options.respectsOffer else {
      throw .missingFeature("feature-rx-copy")
    }
    guard (1...offer.maximumQueues).contains(options.queues) || !options.respectsOffer else {
      throw .badQueueCount(wanted: options.queues, offered: offer.maximumQueues)
    }
    for _ in 0..<options.queues {
      queues.append(
        try FrontQueue(
          options, split: options.splitEventChannels && offer.splitEventChannels,
          hasHeaders: options.headerArea && offer.headerArea,
          persists: options.persistentGrants && offer.persistentGrants, backend: path.backendDomain,
          xen: xen)
      )
    }
    if options.controlRing && offer.controlRing {
      control = try ControlChannel(
        backend: path.backendDomain, xen: xen, start: options.controlStart)
    }
    try removeRingKeys()
    try write(keys(options))
  }

  /// Closes as a guest does, waits for the backend to let go, and gives rings and pages back.
  public func close(until deadline: MonotonicInstant) throws(NetfrontError) {
    try backend.watching { () throws(NetfrontError) in
      try publish(.closing)
      try backend.wait(for: [.closing, .closed, .unknown], until: deadline)
      try publish(.closed)
      try backend.wait(for: [.closed, .unknown], until: deadline)
    }
    abandon()
  }

  /// Gives rings, ports and pages back at once, whatever the backend does with them.
  public func abandon() {
    queues.removeAll()
    control = nil
  }

  /// Says a state, any state.
  public func publish(_ state: XenbusState) throws(NetfrontError) {
    try write([StoreWrite(path.frontend + "/state", "\(state.rawValue)")])
  }

  /// Waits until the backend is in `wanted`.
  public func waitForBackend(
    _ wanted: XenbusState, until deadline: MonotonicInstant
  ) throws(NetfrontError) {
    try backend.watching { () throws(NetfrontError) in
      try backend.wait(for: [wanted], until: deadline)
    }
  }

  /// Lets the loop run until `done` holds, taking the events that come in.
  ///
  /// - Returns: whether `done` holds.
  public func wait(until deadline: MonotonicInstant, for done: () -> Bool) -> Bool {
    loop.run(until: deadline) {
      while xen.events.takePending() != nil {}
      return done()
    }
  }

  private func write(_ writes: [StoreWrite]) throws(NetfrontError) {
    do throws(StoreError) { try xen.store.write(writes) } catch { throw .store(error) }
  }
}

extension Netfront {
  /// Removes what an earlier connection wrote of its rings: with another number of queues or ports
  /// the names differ, and a backend would read the old ones too.
  private func removeRingKeys() throws(NetfrontError) {
    let kinds = [
      "queue-", "event-channel", "tx-ring-ref", "rx-ring-ref", "ctrl-ring-ref",
      "x-ringside-header-ref", "feature-x-ringside",
    ]
    do throws(StoreError) {
      for name in try xen.store.list(path.frontend) where kinds.contains(where: name.hasPrefix) {
        try xen.store.remove(path.frontend + "/" + name)
      }
    } catch { throw .store(error) }
  }

  /// The keys a Linux guest writes, and what the options change in them, in the order of names.
  private func keys(_ options: NetfrontOptions) -> [StoreWrite] {
    var keys = [
      "request-rx-copy": "1", "feature-rx-notify": "1", "feature-sg": "1",
      "feature-gso-tcpv4": "1", "feature-gso-tcpv6": "1", "feature-ipv6-csum-offload": "1",
      "multi-queue-num-queues": "\(options.queues)",
    ]
    if queues.contains(where: { $0.headerPages != nil }) {
      keys["feature-x-ringside-header-area"] = "1"
    }
    if queues.contains(where: \.persists) { keys["feature-x-ringside-persist"] = "1" }
    for (index, queue) in queues.enumerated() {
      keys.merge(queue.keys(queues.count == 1 ? "" : "queue-\(index)/")) { _, new in new }
    }
    if let control { keys.merge(control.keys) { _, new in new } }
    keys.merge(options.extraKeys) { _, given in given }
    return keys.filter { !options.omittedKeys.contains($0.key) }.sorted { $0.key < $1.key }
      .map { StoreWrite(path.frontend + "/" + $0.key, $0.value) }
  }
}
