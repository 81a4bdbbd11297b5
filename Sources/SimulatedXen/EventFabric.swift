internal import Synchronization
internal import XenInterface

/// Counts what may have woken somebody, so that the loop knows whom to call.
final class Activity: Sendable {
  private let count = Atomic<UInt64>(0)
  var value: UInt64 { count.load(ordering: .relaxed) }
  func rise() { count.add(1, ordering: .relaxed) }
}

/// Every port of every simulated domain.
final class EventFabric: Sendable {
  /// One holder of ports: an `EventChannels` object, by number.
  typealias Holder = UInt64

  private enum Binding {
    case unbound(for: DomainID)
    case bound(Place)
  }

  private struct Place: Hashable {
    let domain: DomainID
    let port: EventChannelPort
  }

  /// How far an event of a port has come.
  private enum Stage {
    /// It fires at the next event.
    case ready
    /// It waits in its holder's queue.
    case queued
    /// It was taken and is silent until it is unmasked.
    case taken
  }

  private struct Port {
    let holder: Holder
    var binding: Binding
    var stage = Stage.ready
    /// Fired again before it was ready.
    var isPending = false
  }

  private struct State {
    var domains: Set<DomainID> = []
    var ports: [Place: Port] = [:]
    var queues: [Holder: [EventChannelPort]] = [:]
    var holders: Holder = 0
  }

  /// Ports that one domain can have (two-level event channels of a 64-bit guest).
  static let portLimit: UInt32 = 4096

  private let state = Mutex(State())
  private let ledger: Ledger
  private let activity: Activity

  init(ledger: Ledger, activity: Activity) {
    self.ledger = ledger
    self.activity = activity
  }

  /// Registers one more holder of ports.
  func makeHolder() -> Holder {
    state.withLock { state in
      state.holders += 1
      return state.holders
    }
  }

  /// Makes a domain known.
  func add(_ domain: DomainID) { _ = state.withLock { $0.domains.insert(domain) } }

  /// Closes every port of a domain and forgets it.
  func remove(_ domain: DomainID) {
    state.withLock { state in
      state.domains.remove(domain)
      for place in state.ports.keys where place.domain == domain { close(place, &state) }
    }
  }

  /// Forgets every port and every domain.
  func reset() {
    state.withLock { state in
      state.ports.removeAll(keepingCapacity: true)
      state.queues.removeAll(keepingCapacity: true)
      state.domains.removeAll(keepingCapacity: true)
    }
  }
}

// MARK: - One holder's ports

extension EventFabric {
  /// Opens a port that `remote` may bind to.
  func allocate(
    for remote: DomainID, in domain: DomainID, holder: Holder
  ) throws(EventChannelError) -> EventChannelPort {
    let port = state.withLock { state in
      open(Port(holder: holder, binding: .unbound(for: remote)), in: domain, &state)
    }
    guard let port else { throw .system(Self.noSpace) }
    return port
  }

  /// Binds a new port to one that `remote` opened for us; the new port fires once.
  func bind(
    to remotePort: EventChannelPort, of remote: DomainID, in domain: DomainID, holder: Holder
  ) throws(EventChannelError) -> EventChannelPort {
    let result = state.withLock { state -> Result<EventChannelPort, EventChannelError> in
      let far = Place(domain: remote, port: remotePort)
      guard state.domains.contains(remote), case .unbound(domain)? = state.ports[far]?.binding
      else { return .failure(.notBindable) }
      let made = open(Port(holder: holder, binding: .bound(far)), in: domain, &state)
      guard let made else { return .failure(.system(Self.noSpace)) }
      let near = Place(domain: domain, port: made)
      state.ports[far]?.binding = .bound(near)
      fire(near, &state)
      return .success(made)
    }
    return try result.get()
  }

  /// Sends an event to the other end of a port, if it has one.
  func notify(_ port: EventChannelPort, in domain: DomainID, holder: Holder) {
    state.withLock { state in
      let near = Place(domain: domain, port: port)
      guard let port = state.ports[near], port.holder == holder,
        case .bound(let far) = port.binding
      else { return }
      ledger.note { $0.notifications += 1 }
      fire(far, &state)
    }
  }

  /// Takes the next port that fired; it stays masked.
  func takeMasked(in domain: DomainID, holder: Holder) -> EventChannelPort? {
    state.withLock { state in
      guard state.queues[holder]?.isEmpty == false,
        let port = state.queues[holder]?.removeFirst()
      else { return nil }
      state.ports[Place(domain: domain, port: port)]?.stage = .taken
      return port
    }
  }

  /// Unmasks a port that was taken.
  func unmask(_ port: EventChannelPort, in domain: DomainID, holder: Holder) {
    state.withLock { state in
      let place = Place(domain: domain, port: port)
      guard let found = state.ports[place], found.holder == holder, found.stage == .taken
      else { return }
      state.ports[place]?.stage = .ready
      state.ports[place]?.isPending = false
      if found.isPending { fire(place, &state) }
    }
  }

  /// Closes a port, when `holder` holds it.
  func close(_ port: EventChannelPort, in domain: DomainID, holder: Holder) {
    state.withLock { state in
      let place = Place(domain: domain, port: port)
      if state.ports[place]?.holder == holder { close(place, &state) }
    }
  }

  /// Closes all that a holder still has.
  func closeAll(of holder: Holder) {
    state.withLock { state in
      for (place, port) in state.ports where port.holder == holder { close(place, &state) }
      state.queues[holder] = nil
    }
  }

  private static var noSpace: Int32 { 28 }

  private func open(
    _ port: Port, in domain: DomainID, _ state: inout State
  ) -> EventChannelPort? {
    let free = (1..<Self.portLimit).lazy.map { EventChannelPort(rawValue: $0) }
      .first { state.ports[Place(domain: domain, port: $0)] == nil }
    guard let free else { return nil }
    state.ports[Place(domain: domain, port: free)] = port
    ledger.note { $0.openPorts += 1 }
    return free
  }

  private func fire(_ place: Place, _ state: inout State) {
    guard let port = state.ports[place] else { return }
    // An event that its holder does not hear of wakes nobody.
    if port.stage != .taken { activity.rise() }
    if port.stage == .ready {
      state.ports[place]?.stage = .queued
      state.queues[port.holder, default: []].append(place.port)
    } else {
      state.ports[place]?.isPending = true
    }
  }

  /// The other end falls back to unbound, so that it can be bound again.
  private func close(_ place: Place, _ state: inout State) {
    guard let port = state.ports.removeValue(forKey: place) else { return }
    state.queues[port.holder]?.removeAll { $0 == place.port }
    ledger.note { $0.openPorts -= 1 }
    guard case .bound(let far) = port.binding else { return }
    state.ports[far]?.binding = .unbound(for: place.domain)
  }
}

/// The event channels that one interface of a simulated domain made.
final class SimulatedEventChannels: EventChannels {
  private let domain: DomainID
  private let fabric: EventFabric
  private let holder: EventFabric.Holder

  init(domain: DomainID, fabric: EventFabric) {
    self.domain = domain
    self.fabric = fabric
    holder = fabric.makeHolder()
  }

  deinit { fabric.closeAll(of: holder) }

  func allocate(for domain: DomainID) throws(EventChannelError) -> EventChannelPort {
    try fabric.allocate(for: domain, in: self.domain, holder: holder)
  }

  func bind(
    to remote: EventChannelPort, of domain: DomainID
  ) throws(EventChannelError) -> EventChannelPort {
    try fabric.bind(to: remote, of: domain, in: self.domain, holder: holder)
  }

  func notify(_ port: EventChannelPort) { fabric.notify(port, in: domain, holder: holder) }

  func takeMasked() -> EventChannelPort? { fabric.takeMasked(in: domain, holder: holder) }

  func unmask(_ port: EventChannelPort) { fabric.unmask(port, in: domain, holder: holder) }

  func close(_ port: EventChannelPort) { fabric.close(port, in: domain, holder: holder) }
}
