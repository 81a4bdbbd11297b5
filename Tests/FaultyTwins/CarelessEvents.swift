import XenInterface

/// Event channels as netbacks once used them.
final class CarelessEvents: EventChannels {
  /// What they did.
  enum Fault: Sendable {
    /// A port could fire again at once, as often as the guest liked.
    case neverSilent
    /// Each event was answered by another.
    case answersAll
  }

  private let base: any EventChannels
  private let fault: Fault

  init(_ base: any EventChannels, _ fault: Fault) {
    self.base = base
    self.fault = fault
  }

  func allocate(for domain: DomainID) throws(EventChannelError) -> EventChannelPort {
    try base.allocate(for: domain)
  }

  func bind(
    to remote: EventChannelPort, of domain: DomainID
  ) throws(EventChannelError) -> EventChannelPort { try base.bind(to: remote, of: domain) }

  func notify(_ port: EventChannelPort) { base.notify(port) }

  func takeMasked() -> EventChannelPort? {
    guard let port = base.takeMasked() else { return nil }
    switch fault {
    case .neverSilent: base.unmask(port)
    case .answersAll: base.notify(port)
    }
    return port
  }

  func unmask(_ port: EventChannelPort) { base.unmask(port) }

  func close(_ port: EventChannelPort) { base.close(port) }
}
