internal import Synchronization
internal import XenInterface

/// Counts what may have woken somebody, so that the loop knows whom to call.
final class Activity: Sendable {
  private let count = Atomic<UInt64>(0)
  var value: UInt64 { count.load(ordering: .relaxed) }
  func rise() { count.add(1, ordering: .relaxed) }
}

/// Every port of every simulated domain. Opening, binding and closing take its lock; an event does not.
final class EventFabric: Sendable {
  /// One holder of ports: an `EventChannels` object, by number; 24 bits of it count.
  typealias Holder = UInt64

  private struct State {
    var domains: Set<DomainID> = []
    /// They stay when their domain goes: whoever sends to it may know them still.
    var tables: [DomainID: PortTable] = [:]
    var holders: Holder = 0
  }

  private let state: SharedLock<State>
  private let activity: Activity
  let ledger: Ledger

  init(ledger: Ledger, activity: Activity) {
    self.ledger = ledger
    self.activity = activity
    state = SharedLock(State(), countedIn: ledger.locks)
  }

  /// Registers one more holder of ports.
  func makeHolder() -> Holder {
    state.withLock { state in
      state.holders = (state.holders + 1) & 0xff_ffff
      return state.holders
    }
  }

  /// Makes a domain known.
  func add(_ domain: DomainID) { _ = state.withLock { $0.domains.insert(domain) } }

  /// Closes every port of a domain and forgets it.
  func remove(_ domain: DomainID) {
    state.withLock { state in
      state.domains.remove(domain)
      close(Self.table(of: domain, &state).open, in: domain, &state)
    }
  }

  /// Forgets every port and every domain.
  func reset() {
    state.withLock { state in
      for table in state.tables.values {
        for port in table.open { table.update(port, Self.free) }
      }
      state.domains.removeAll(keepingCapacity: true)
    }
  }

  /// The ports of a domain, whether it is there or not.
  func table(of domain: DomainID) -> PortTable { state.withLock { Self.table(of: domain, &$0) } }

  private static func table(of domain: DomainID, _ state: inout State) -> PortTable {
    if let table = state.tables[domain] { return table }
    let table = PortTable()
    state.tables[domain] = table
    return table
  }

  private static func free(_ word: inout PortWord) -> Bool {
    word = .free
    return true
  }
}

// MARK: - Opening and closing

extension EventFabric {
  /// Opens a port that `remote` may bind to.
  func allocate(
    for remote: DomainID, in domain: DomainID, holder: Holder
  ) throws(EventChannelError) -> EventChannelPort {
    let port = state.withLock { state in
      open(PortWord(for: remote, holder: holder), in: domain, &state)
    }
    guard let port else { throw .system(Self.noSpace) }
    return port
  }

  /// Binds a new port to one that `remote` opened for us; the new port fires once.
  func bind(
    to remotePort: EventChannelPort, of remote: DomainID, in domain: DomainID, holder: Holder
  ) throws(EventChannelError) -> EventChannelPort {
    let result = state.withLock { state -> Result<EventChannelPort, EventChannelError> in
      let far = Self.table(of: remote, &state)
      let offered = far[remotePort]
      guard state.domains.contains(remote), offered.kind == .unbound, offered.remote == domain
      else { return .failure(.notBindable) }
      let place = PortPlace(domain: remote, port: remotePort)
      guard let made = open(PortWord(to: place, holder: holder), in: domain, &state) else {
        return .failure(.system(Self.noSpace))
      }
      far.update(remotePort) { word in
        word.bind(to: PortPlace(domain: domain, port: made))
        return true
      }
      fire(made, Self.table(of: domain, &state))
      return .success(made)
    }
    return try result.get()
  }

  /// Closes ports, those that `holder` holds.
  func close(_ ports: [EventChannelPort], in domain: DomainID, holder: Holder) {
    state.withLock { state in
      let table = Self.table(of: domain, &state)
      close(ports.filter { table[$0].holder == holder }, in: domain, &state)
    }
  }

  private static var noSpace: Int32 { 28 }

  private func open(
    _ word: PortWord, in domain: DomainID, _ state: inout State
  ) -> EventChannelPort? {
    guard let port = Self.table(of: domain, &state).open(word) else { return nil }
    ledger.note { $0.openPorts += 1 }
    return port
  }

  /// The other ends fall back to unbound, so that they can be bound again.
  private func close(_ ports: [EventChannelPort], in domain: DomainID, _ state: inout State) {
    let table = Self.table(of: domain, &state)
    for port in ports {
      let closed = table.update(port, Self.free)
      guard closed.kind != .free else { continue }
      ledger.note { $0.openPorts -= 1 }
      guard let far = closed.far else { continue }
      let near = PortPlace(domain: domain, port: port)
      Self.table(of: far.domain, &state).update(far.port) { word in
        guard word.far == near else { return false }
        word.unbind()
        return true
      }
    }
  }
}

// MARK: - Events

extension EventFabric {
  /// Sends an event to a port of `table`, if there is one.
  func fire(_ port: EventChannelPort, _ table: PortTable) {
    let before = table.update(port) { word in
      guard word.kind != .free else { return false }
      word.fire()
      return true
    }
    // An event that its holder does not hear of wakes nobody.
    if before.kind != .free, before.stage != .taken { activity.rise() }
  }

  /// Unmasks a port that `holder` has taken.
  func unmask(_ port: EventChannelPort, _ table: PortTable, holder: Holder) {
    let before = table.update(port) { word in
      guard word.kind != .free, word.holder == holder, word.stage == .taken else { return false }
      word.stage = word.isPending ? .fired : .ready
      word.isPending = false
      return true
    }
    if before.holder == holder, before.stage == .taken, before.isPending { activity.rise() }
  }
}
