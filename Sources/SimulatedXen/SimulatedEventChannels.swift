internal import XenInterface

/// The event channels that one interface of a simulated domain made. What it knows of its ports is
/// its own: no other interface looks at it.
final class SimulatedEventChannels: EventChannels {
  private let domain: DomainID
  private let fabric: EventFabric
  private let holder: EventFabric.Holder
  private let table: PortTable
  private let tally: Tally
  private var ports: [EventChannelPort] = []
  /// The place among `ports` that is looked at next, so that each has its turn.
  private var next = 0
  private var peers: [DomainID: PortTable] = [:]

  init(domain: DomainID, fabric: EventFabric) {
    self.domain = domain
    self.fabric = fabric
    holder = fabric.makeHolder()
    table = fabric.table(of: domain)
    tally = fabric.ledger.makeTally()
  }

  deinit {
    fabric.close(ports, in: domain, holder: holder)
    fabric.ledger.close(tally)
  }

  func allocate(for domain: DomainID) throws(EventChannelError) -> EventChannelPort {
    note(try fabric.allocate(for: domain, in: self.domain, holder: holder), of: domain)
  }

  func bind(
    to remote: EventChannelPort, of domain: DomainID
  ) throws(EventChannelError) -> EventChannelPort {
    note(try fabric.bind(to: remote, of: domain, in: self.domain, holder: holder), of: domain)
  }

  /// Looks up now what an event would have to look up under a lock.
  private func note(_ port: EventChannelPort, of remote: DomainID) -> EventChannelPort {
    ports.append(port)
    if peers[remote] == nil { peers[remote] = fabric.table(of: remote) }
    return port
  }

  func notify(_ port: EventChannelPort) {
    let word = table[port]
    guard word.holder == holder, let far = word.far, let peer = peers[far.domain] else { return }
    tally.countNotification()
    fabric.fire(far.port, peer)
  }

  func takeMasked() -> EventChannelPort? {
    for _ in ports {
      if next >= ports.count { next = 0 }
      let port = ports[next]
      next += 1
      if take(port) { return port }
    }
    return nil
  }

  func unmask(_ port: EventChannelPort) { fabric.unmask(port, table, holder: holder) }

  func close(_ port: EventChannelPort) {
    guard let place = ports.firstIndex(of: port) else { return }
    ports.remove(at: place)
    fabric.close([port], in: domain, holder: holder)
  }

  private func take(_ port: EventChannelPort) -> Bool {
    guard table[port].stage == .fired else { return false }
    let before = table.update(port) { word in
      guard word.holder == holder, word.stage == .fired else { return false }
      word.stage = .taken
      return true
    }
    return before.holder == holder && before.stage == .fired
  }
}
